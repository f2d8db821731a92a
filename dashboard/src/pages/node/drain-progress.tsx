/** How far the drain of a node is, with a stop; and how the last one ended, as long as somebody stays here. */
import { useMutation } from "@tanstack/react-query";
import { Square, X } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../../lib/api";
import { formatCount } from "../../lib/format";
import { isOpen, JOBS, jobPath, useJobUntilEnd, useOpenJobs } from "../../lib/jobs";
import { useForbidden } from "../../lib/session";
import type { Job } from "../../lib/types";
import { Button } from "../../ui/button";
import { Bar } from "../../ui/meter";
import { Panel } from "../../ui/panel";
import { toast } from "../../ui/toast";
import { WorkGlyph, workWord } from "../../ui/work-state";
import styles from "./drain-progress.module.css";
import { drainOf } from "./drained";

const FOLLOWED_FOR_MS = 24 * 3600_000;

export function DrainOfNode({ nodeId }: { nodeId: string }) {
  const open = useOpenJobs().find((job) => job.kind === "drain" && job.nodeId === nodeId)?.id ?? null;
  const [shown, setShown] = useState(open);
  if (open !== null && open !== shown) setShown(open);
  return shown && <DrainProgress key={shown} jobId={shown} onClose={() => setShown(null)} />;
}

function DrainProgress({ jobId, onClose }: { jobId: string; onClose(): void }) {
  const { job } = useJobUntilEnd(jobId, FOLLOWED_FOR_MS);
  if (!job) return null;
  const { moved, total, agents } = drainOf(job);
  return (
    <div className={styles.drain}>
      <Panel title={isOpen(job) ? "Draining" : "Drained"} aside={<Aside job={job} onClose={onClose} />}>
        <p role="status">
          <b className="num">
            {formatCount(moved)} of {formatCount(total)} moved.
          </b>{" "}
          {!isOpen(job) && (job.message ?? "It was stopped; the node stays cordoned.")} {job.advice}{" "}
          <Link href={jobPath(job.id)}>Open the job</Link>
        </p>
        <Bar share={total === 0 ? 1 : moved / total} label={`${moved} of ${total} agents moved`} tone="accent" />
        <ul className={styles.agents} aria-label="Agents">
          {agents.map(({ agentId, state, said }) => (
            <li key={agentId}>
              <WorkGlyph state={state} />
              <code>{agentId}</code>
              <span className="dim">{said || workWord(state).toLowerCase()}</span>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

function Aside({ job, onClose }: { job: Job; onClose(): void }) {
  const forbidden = useForbidden("operator");
  const stop = useMutation({
    mutationFn: () => api(`${JOBS}/${encodeURIComponent(job.id)}/cancel`, { method: "POST" }),
    onError: (failure) => toast({ tone: "bad", text: failure.message }),
  });
  if (!isOpen(job)) {
    return <Button kind="ghost" compact icon={<X size={14} />} aria-label="Dismiss the drain" onClick={onClose} />;
  }
  return (
    <Button
      compact
      icon={<Square size={12} />}
      disabled={forbidden !== undefined || job.cancelAsked}
      title={forbidden}
      busy={stop.isPending}
      onClick={() => stop.mutate()}
    >
      Stop draining
    </Button>
  );
}
