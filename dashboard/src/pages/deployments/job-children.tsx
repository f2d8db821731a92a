import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { JobStream } from "../../lib/job-stream";
import { isOpen, jobKey, jobPath } from "../../lib/jobs";
import type { Job, Part, PartCounts } from "../../lib/types";
import { CheckField } from "../../ui/field";
import { Bar } from "../../ui/meter";
import { Panel } from "../../ui/panel";
import { type Column, Table } from "../../ui/table";
import { WorkBadge } from "../../ui/work-state";
import styles from "./job-children.module.css";
import { JobTime } from "./job-time";

/** The parts of a job that stands for many: how far each is, live until the last has ended. */
export function JobChildren({ job }: { job: Job }) {
  useJobNews(job);
  const [failures, setFailures] = useState(false);
  const counts = job.parts;
  if (!counts) return null;
  const shown = failures ? job.children.filter(({ state }) => state === "failed") : job.children;
  return (
    <Panel
      title="Machines"
      count={counts.total}
      aside={
        (counts.failed > 0 || failures) && (
          <CheckField label={`Failed only (${counts.failed})`} checked={failures} onChange={setFailures} />
        )
      }
    >
      <Overall counts={counts} />
      <Table label="Machines" rows={shown} columns={COLUMNS} rowKey={({ id }) => id} />
    </Panel>
  );
}

function Overall({ counts }: { counts: PartCounts }) {
  const over = counts.succeeded + counts.failed + counts.cancelled;
  const others = [
    counts.failed > 0 && `${counts.failed} failed`,
    counts.cancelled > 0 && `${counts.cancelled} cancelled`,
    counts.running > 0 && `${counts.running} running`,
    counts.queued > 0 && `${counts.queued} waiting`,
  ].filter(Boolean);
  return (
    <div className={styles.overall}>
      <p>
        <b className="num">
          {counts.succeeded} of {counts.total} done
        </b>
        {others.length > 0 && <span className="dim">, {others.join(", ")}</span>}
      </p>
      <Bar share={over / (counts.total || 1)} label={`${over} of ${counts.total} ended`} tone="accent" />
    </div>
  );
}

const COLUMNS: readonly Column<Part>[] = [
  {
    title: "Machine",
    cell: (part) => (
      <div className={styles.machine}>
        <Link href={jobPath(part.id)} className={styles.name}>
          {part.nodeId ?? part.host}
        </Link>
        {part.host && part.host !== part.nodeId && <code>{part.host}</code>}
      </div>
    ),
  },
  { title: "State", cell: ({ state }) => <WorkBadge state={state} /> },
  { title: "Step", cell: (part) => <Progress part={part} /> },
  { title: "Took", figure: true, wideOnly: true, cell: (part) => <JobTime job={part} /> },
];

function Progress({ part }: { part: Part }) {
  const { state, step, steps, stepsOver, message, advice } = part;
  if (state === "running" && steps > 0) {
    return (
      <div className={styles.step}>
        <span>{step || "Between two steps"}</span>
        <Bar share={stepsOver / steps} label={`step ${Math.min(stepsOver + 1, steps)} of ${steps}`} tone="accent" />
      </div>
    );
  }
  if (state === "failed") {
    return (
      <div className={styles.step}>
        <span className={styles.failed}>
          {step && `${step}: `}
          {message}
        </span>
        {advice && <small className="dim">{advice}</small>}
      </div>
    );
  }
  return <span className="dim">{isOpen(part) ? "waits for its turn" : message}</span>;
}

/** Such a job has no lines of its own; its stream tells whenever one of its parts has moved. */
function useJobNews({ id, state }: Job): void {
  const queries = useQueryClient();
  const open = isOpen({ state });
  useEffect(() => {
    if (!open) return undefined;
    const stream = new JobStream(id, 0, {
      job: (job) => queries.setQueryData(jobKey(id), job),
      lines: () => {},
      live: () => {},
    });
    stream.start();
    return () => stream.close();
  }, [id, open, queries]);
}
