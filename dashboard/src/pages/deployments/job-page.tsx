/** One job: its steps, its log, how it ended, what it left. */
import { Link, useParams } from "wouter";
import { ApiError } from "../../lib/api";
import { isOpen, useJob } from "../../lib/jobs";
import type { Job } from "../../lib/types";
import { Empty, Failed } from "../../ui/empty";
import { LogView } from "../../ui/log-view/log-view";
import { Page } from "../../ui/page";
import { SkeletonLines } from "../../ui/skeleton";
import { Stack } from "../../ui/stack";
import { WorkBadge } from "../../ui/work-state";
import { JobActions } from "./job-actions";
import { JobChildren } from "./job-children";
import { JobFacts } from "./job-facts";
import styles from "./job-page.module.css";
import { JobReceipt } from "./job-receipt";
import { JobTime } from "./job-time";
import { JobVerdict } from "./job-verdict";
import { progressOf, titleOf } from "./job-words";

export default function JobPage() {
  const { id = "" } = useParams();
  const job = useJob(id);
  if (job.data) return <KnownJob key={id} job={job.data} />;
  return (
    <Page title="Job">
      {job.error ? <NoJob error={job.error} onRetry={() => void job.refetch()} /> : <SkeletonLines lines={8} />}
    </Page>
  );
}

function NoJob({ error, onRetry }: { error: Error; onRetry(): void }) {
  if (error instanceof ApiError && error.status === 404) {
    return <Empty title="No job has this id" action={<Link href="/operations/deployments">All deployments</Link>} />;
  }
  return <Failed what="The job could not be fetched" error={error} onRetry={onRetry} />;
}

function KnownJob({ job }: { job: Job }) {
  return (
    <Page
      title={
        <>
          {titleOf(job)} <WorkBadge state={job.state} />
        </>
      }
      summary={<Summary job={job} />}
      actions={<JobActions job={job} />}
    >
      <div className={styles.body}>
        <Stack>
          <JobVerdict job={job} />
          {job.kind === "deploy_many" ? <JobChildren job={job} /> : <LogView job={job} linked told={job.message} />}
        </Stack>
        <aside aria-label="About this job">
          <Stack>
            <JobFacts job={job} />
            <JobReceipt job={job} />
          </Stack>
        </aside>
      </div>
    </Page>
  );
}

function Summary({ job }: { job: Job }) {
  if (!isOpen(job)) return <>Asked by {job.askedBy || "nobody"}</>;
  return (
    <>
      {progressOf(job) ?? "waiting for a Celery worker"}, <JobTime job={job} />
    </>
  );
}
