import type { Job } from "../../lib/types";
import { classes } from "../../ui/classes";
import { WorkGlyph } from "../../ui/work-state";
import styles from "./job-verdict.module.css";

/** How a job ended, and what to try next. */
export function JobVerdict({ job }: { job: Job }) {
  if (!job.message) return null;
  return (
    <div className={classes(styles.verdict, styles[job.state])} role={job.state === "failed" ? "alert" : "status"}>
      <WorkGlyph state={job.state} size={14} />
      <div>
        <p className={styles.message}>{job.message}</p>
        {job.advice && <p className={styles.advice}>{job.advice}</p>}
      </div>
    </div>
  );
}
