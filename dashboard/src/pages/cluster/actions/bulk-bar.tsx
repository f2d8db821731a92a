/** What can be done to all chosen nodes at once, how far it is, and where it failed. */
import { Copy, LogOut, Pause, RotateCw, Square, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, CLUSTER } from "../../../lib/api";
import { type BulkProgress, runBulk } from "../../../lib/bulk";
import { useClock } from "../../../lib/clock";
import { fleet } from "../../../lib/fleet";
import { formatCount, formatCountOf } from "../../../lib/format";
import type { FleetNode } from "../../../lib/node";
import { selection, useSelection } from "../../../lib/selection";
import { useMay } from "../../../lib/session";
import { useStatuses } from "../../../lib/use-fleet";
import { Button } from "../../../ui/button";
import { Confirm } from "../../../ui/confirm";
import { toast } from "../../../ui/toast";
import styles from "./bulk-bar.module.css";
import { CordonMany, DrainMany } from "./out-of-use-many";
import { UpgradeMany } from "./upgrade-many";

type Act = "cordon" | "drain" | "restart" | "remove";
const NEEDED = "This needs the operator role";
const DONE: Record<Act, string> = {
  cordon: "cordoned",
  drain: "draining",
  restart: "restarted or told to",
  remove: "removed",
};

interface Run {
  act: Act;
  progress: BulkProgress;
}

export function BulkBar({ rows }: { rows: readonly FleetNode[] }) {
  useStatuses(); // a chosen node may be removed by somebody else
  const ids = [...useSelection()].filter((id) => fleet.nodes.has(id));
  const may = useMay("operator");
  const [asked, setAsked] = useState<Act | null>(null);
  const [run, setRun] = useState<Run | null>(null);
  const [stop, setStop] = useState(() => new AbortController());
  const busy = run !== null && !run.progress.ended;
  const start = async (act: Act, said?: object) => {
    const stopped = new AbortController();
    setStop(stopped);
    setAsked(null);
    const progress = (now: BulkProgress) => setRun({ act, progress: now });
    const { left } = await runBulk(ids, (id) => call(act, id, said), progress, stopped.signal);
    if (left.length > 0) selection.replace(left); // to go on with
  };
  if (ids.length === 0 && run === null) return null;
  const forbidden = { disabled: !may || busy || ids.length === 0, title: may ? undefined : NEEDED };
  return (
    <section className={styles.bar} aria-label="Selected nodes">
      <b className={styles.count}>{formatCountOf(ids.length, "node")} selected</b>
      {rows.length > ids.length && (
        <Button kind="ghost" onClick={() => selection.replace(rows.map(({ id }) => id))}>
          Select all {formatCount(rows.length)} matching
        </Button>
      )}
      <Button icon={<Copy size={14} />} disabled={ids.length === 0} onClick={() => void copy(ids)}>
        Copy ids
      </Button>
      <Button icon={<Pause size={14} />} {...forbidden} onClick={() => setAsked("cordon")}>
        Cordon…
      </Button>
      <Button icon={<LogOut size={14} />} {...forbidden} onClick={() => setAsked("drain")}>
        Drain…
      </Button>
      <Button icon={<RotateCw size={14} />} {...forbidden} onClick={() => setAsked("restart")}>
        Restart agents…
      </Button>
      <UpgradeMany ids={ids} may={may && !busy} />
      <Button icon={<Trash2 size={14} />} {...forbidden} onClick={() => setAsked("remove")}>
        Remove…
      </Button>
      <Button kind="ghost" disabled={busy} onClick={() => clear(() => setRun(null))}>
        Clear
      </Button>
      {run && <Outcome run={run} onStop={() => stop.abort()} />}
      {asked && (
        <Question act={asked} ids={ids} onClose={() => setAsked(null)} onConfirm={(said) => void start(asked, said)} />
      )}
    </section>
  );
}

function Outcome({ run: { act, progress }, onStop }: { run: Run; onStop(): void }) {
  const { done, of, failures, waitsUntil, ended, left } = progress;
  return (
    <div className={styles.outcome}>
      <div role="status">
        {formatCount(done - failures.length)} of {formatCountOf(of, "node")} {DONE[act]}
        {waitsUntil !== null && <Waiting until={waitsUntil} />}
        {left.length > 0 && `, stopped: ${formatCount(left.length)} left alone`}
        {failures.length > 0 && `, ${formatCount(failures.length)} failed:`}
        <ul>
          {failures.map(({ id, sentence }) => (
            <li key={id}>
              <code>{id}</code>: {sentence}
            </li>
          ))}
        </ul>
      </div>
      {!ended && (
        <Button compact icon={<Square size={12} />} onClick={onStop}>
          Stop
        </Button>
      )}
    </div>
  );
}

/** The seconds are for the eye: told each second they would be noise. */
function Waiting({ until }: { until: number }) {
  const seconds = useClock((now) => Math.max(0, Math.ceil((until - now) / 1000)));
  return (
    <>
      , waiting <span aria-hidden="true">{seconds} s </span>for the control plane's limit
    </>
  );
}

interface QuestionProps {
  act: Act;
  ids: readonly string[];
  onClose(): void;
  onConfirm(said?: object): void;
}

function Question({ act, ids, onClose, onConfirm }: QuestionProps) {
  const nodes = formatCountOf(ids.length, "node");
  const agents = ids.reduce((sum, id) => sum + (fleet.nodes.get(id)?.agents.length ?? 0), 0);
  if (act === "cordon") return <CordonMany ids={ids} onClose={onClose} onConfirm={onConfirm} />;
  if (act === "drain") return <DrainMany ids={ids} onClose={onClose} onConfirm={onConfirm} />;
  if (act === "restart") {
    return (
      <Confirm
        open
        onClose={onClose}
        title={`Restart the agents of ${nodes}?`}
        action="Restart agents"
        onConfirm={() => onConfirm()}
      >
        {formatCountOf(agents, "agent")} on {nodes} will stop and start again. What they are doing right now is
        interrupted.
      </Confirm>
    );
  }
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Remove ${nodes}?`}
      action={`Remove ${nodes}`}
      danger
      typed={String(ids.length)}
      onConfirm={() => onConfirm()}
    >
      The control plane forgets them. Their agents go on running; daemons that still beat are told to register again.
    </Confirm>
  );
}

function call(act: Act, id: string, body?: object): Promise<unknown> {
  const path = `${CLUSTER}/nodes/${encodeURIComponent(id)}`;
  return act === "remove" ? api(path, { method: "DELETE" }) : api(`${path}/${act}`, { method: "POST", body });
}

async function copy(ids: readonly string[]): Promise<void> {
  try {
    await navigator.clipboard.writeText(ids.join("\n"));
    toast({ tone: "ok", text: `${formatCountOf(ids.length, "id")} copied` });
  } catch {
    toast({ tone: "bad", text: "The browser does not let this page write to the clipboard" });
  }
}

function clear(forget: () => void): void {
  selection.replace([]);
  forget();
}
