import { useLocation } from "wouter";
import { isOpen, jobPath, useJob } from "../../../../lib/jobs";
import type { Job } from "../../../../lib/types";
import { Button } from "../../../../ui/button";
import { DialogBody, DialogFooter } from "../../../../ui/dialog";
import { Failed } from "../../../../ui/empty";
import { LogView } from "../../../../ui/log-view/log-view";
import { SkeletonLines } from "../../../../ui/skeleton";
import { WorkBadge } from "../../../../ui/work-state";
import { CancelJob, RetryDeploy } from "../../../deployments/job-actions";
import { JobChildren } from "../../../deployments/job-children";
import { JobTime } from "../../../deployments/job-time";
import { JobVerdict } from "../../../deployments/job-verdict";
import { progressOf, subjectOf } from "../../../deployments/job-words";
import { nodePath } from "../../node-path";
import styles from "./ssh-form.module.css";

/** A deploy as it goes, in the place of the form that started it. */
export function DeployingJob({ id, onClose }: { id: string; onClose(): void }) {
  const { data: job, error, refetch } = useJob(id);
  if (job) return <Known job={job} onClose={onClose} />;
  return (
    <DialogBody>
      {error ? (
        <Failed what="The job could not be fetched" error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </DialogBody>
  );
}

function Known({ job, onClose }: { job: Job; onClose(): void }) {
  const open = isOpen(job);
  return (
    <>
      <DialogBody>
        <p className={styles.now}>
          <b>{subjectOf(job)}</b> <WorkBadge state={job.state} />{" "}
          <span className="dim">
            {progressOf(job)}
            {progressOf(job) && ", "}
            <JobTime job={job} />
          </span>
        </p>
        <JobVerdict job={job} />
        {job.kind === "deploy_many" ? <JobChildren job={job} /> : <LogView job={job} compact told={job.message} />}
      </DialogBody>
      <DialogFooter note={open ? "You can close this window. The job keeps running." : undefined}>
        {open ? <CancelJob job={job} /> : job.state !== "succeeded" && !job.target.origin && <RetryDeploy job={job} />}
        {job.state === "succeeded" && job.nodeId ? (
          <>
            <Button onClick={onClose}>Done</Button>
            <GoTo path={nodePath(job.nodeId)}>Open node</GoTo>
          </>
        ) : (
          <GoTo path={jobPath(job.id)}>Open job page</GoTo>
        )}
      </DialogFooter>
    </>
  );
}

function GoTo({ path, children }: { path: string; children: string }) {
  const [, navigate] = useLocation();
  return (
    <Button kind="primary" onClick={() => navigate(path)}>
      {children}
    </Button>
  );
}
