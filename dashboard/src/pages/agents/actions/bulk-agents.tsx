/** What can be done to all chosen agents at once, how far it is, and what was left alone. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowRightLeft, Play, RotateCw, Square } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { AGENTS, AGENTS_KEY, type AgentAction } from "../../../lib/agents";
import { api } from "../../../lib/api";
import { formatCount, formatCountOf } from "../../../lib/format";
import { jobPath, useJobUntilEnd } from "../../../lib/jobs";
import { useForbidden } from "../../../lib/session";
import type { Whole } from "../../../lib/types";
import { Button } from "../../../ui/button";
import { Confirm } from "../../../ui/confirm";
import { FormFailure } from "../../../ui/field";
import bar from "../../cluster/actions/bulk-bar.module.css";
import { ACTIONS } from "./act-words";

const FOLLOWED_FOR_MS = 15 * 60_000;
const ICONS = { start: Play, stop: Square, restart: RotateCw, move: ArrowRightLeft };

/** Agents by their ids, or all that a filter finds. */
export type Chosen = { agentIds: readonly string[]; q?: undefined } | { q: string; agentIds?: undefined };

interface BulkAgentsProps {
  chosen: Chosen;
  count: number;
  /** All that the filter finds, when that can be chosen instead. */
  matching: number | null;
  onMatching(): void;
  onClear(): void;
}

export function BulkAgents({ chosen, count, matching, onMatching, onClear }: BulkAgentsProps) {
  const forbidden = useForbidden("operator");
  const [asked, setAsked] = useState<AgentAction | null>(null);
  const [made, setMade] = useState<Whole | null>(null);
  if (count === 0 && made === null) return null;
  return (
    <section className={bar.bar} aria-label="Selected agents">
      <b className={bar.count}>{formatCountOf(count, "agent")} selected</b>
      {matching !== null && matching > count && (
        <Button kind="ghost" onClick={onMatching}>
          Select all {formatCount(matching)} matching
        </Button>
      )}
      {(Object.keys(ICONS) as AgentAction[]).map((action) => {
        const Icon = ICONS[action];
        return (
          <Button
            key={action}
            icon={<Icon size={14} />}
            disabled={forbidden !== undefined || count === 0}
            title={forbidden}
            onClick={() => setAsked(action)}
          >
            {ACTIONS[action].verb}…
          </Button>
        );
      })}
      <Button
        kind="ghost"
        onClick={() => {
          onClear();
          setMade(null);
        }}
      >
        Clear
      </Button>
      {made && <Outcome key={made.jobId} made={made} />}
      {asked && (
        <ActOnMany action={asked} chosen={chosen} count={count} onClose={() => setAsked(null)} onMade={setMade} />
      )}
    </section>
  );
}

interface ActOnManyProps {
  action: AgentAction;
  chosen: Chosen;
  count: number;
  onClose(): void;
  onMade(made: Whole): void;
}

function ActOnMany({ action, chosen, count, onClose, onMade }: ActOnManyProps) {
  const queries = useQueryClient();
  const { verb, follows } = ACTIONS[action];
  const agents = formatCountOf(count, "agent");
  const act = useMutation({
    mutationFn: () => api<Whole>(`${AGENTS}/actions`, { method: "POST", body: { action, ...chosen } }),
    onSuccess: (made) => {
      onMade(made);
      onClose();
      void queries.invalidateQueries({ queryKey: [AGENTS_KEY] });
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={`${verb} ${agents}?`}
      action={`${verb} ${agents}`}
      busy={act.isPending}
      onConfirm={() => act.mutate()}
    >
      <p>Of each agent: {follows}</p>
      {action === "move" && <p>Each goes to the node that suits it best.</p>}
      <FormFailure error={act.error} />
    </Confirm>
  );
}

function Outcome({ made }: { made: Whole }) {
  const { job } = useJobUntilEnd(made.jobId, FOLLOWED_FOR_MS);
  const failed = job?.children.filter(({ state }) => state === "failed") ?? [];
  const left = [
    ...failed.map(({ agentId, message }) => ({ agentId: agentId ?? "", reason: message ?? "failed" })),
    ...made.leftOut,
  ];
  return (
    <div className={bar.outcome}>
      <div role="status">
        {formatCount(job?.parts?.succeeded ?? 0)} of {formatCountOf(made.jobs.length, "agent")} done
        {failed.length > 0 && `, ${formatCount(failed.length)} failed`}
        {made.leftOut.length > 0 && `, ${formatCount(made.leftOut.length)} left alone`}.{" "}
        <Link href={jobPath(made.jobId)}>Open the job</Link>
        <ul>
          {left.map(({ agentId, reason }) => (
            <li key={agentId}>
              <code>{agentId}</code>: {reason}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
