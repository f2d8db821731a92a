import { Link } from "wouter";
import { epochOf } from "../../lib/format";
import { jobPath } from "../../lib/jobs";
import type { Job } from "../../lib/types";
import { classes } from "../../ui/classes";
import { NodeLink } from "../../ui/node-link";
import { type Column, Table } from "../../ui/table";
import { Since } from "../../ui/time";
import { WorkBadge } from "../../ui/work-state";
import styles from "./job-table.module.css";
import { JobTime } from "./job-time";
import { KINDS, progressOf } from "./job-words";

export function JobTable({ jobs, ofNode = false }: { jobs: readonly Job[]; ofNode?: boolean }) {
  const columns = ofNode ? COLUMNS.filter(({ title }) => title !== "Node") : COLUMNS;
  return <Table label="Jobs" rows={jobs} columns={columns} rowKey={(job) => job.id} />;
}

const COLUMNS: readonly Column<Job>[] = [
  {
    title: "Job",
    cell: (job) => (
      <>
        <Link href={jobPath(job.id)} className={styles.job}>
          {KINDS[job.kind]}
        </Link>
        <span className={classes("phone-only", styles.on)}>
          {job.nodeId ? <NodeLink id={job.nodeId} /> : (job.host ?? job.about)}
        </span>
        {job.state === "failed" && job.message && <small className={styles.why}>{job.message}</small>}
      </>
    ),
  },
  {
    title: "State",
    cell: (job) => (
      <span className={styles.state}>
        <WorkBadge state={job.state} />
        <small>{job.cancelAsked && job.state === "running" ? "being cancelled" : progressOf(job)}</small>
      </span>
    ),
  },
  {
    title: "Node",
    wideOnly: true,
    cell: ({ nodeId, host, about }) => (
      <span className={styles.where}>
        {nodeId && <NodeLink id={nodeId} />}
        {about}
        {host && <code>{host}</code>}
      </span>
    ),
  },
  { title: "Asked by", wideOnly: true, cell: ({ askedBy }) => askedBy || "–" },
  { title: "Took", figure: true, wideOnly: true, cell: (job) => <JobTime job={job} /> },
  { title: "When", figure: true, cell: ({ createdAt }) => <Since at={epochOf(createdAt)} /> },
];
