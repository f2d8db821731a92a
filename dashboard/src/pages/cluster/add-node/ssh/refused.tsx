import { Link } from "wouter";
import { ApiError } from "../../../../lib/api";
import { jobPath } from "../../../../lib/jobs";
import { FormFailure } from "../../../../ui/field";
import styles from "./ssh-form.module.css";

/** Why it was not taken on; a deploy that is in the way can be looked at. */
export function Refused({ error }: { error: Error | null }) {
  const jobId = error instanceof ApiError ? error.jobId : null;
  return (
    <div>
      <FormFailure error={error} />
      {jobId && (
        <Link href={jobPath(jobId)} className={styles.link}>
          Open the running deploy
        </Link>
      )}
    </div>
  );
}
