/** The log of an agent, as its node sends it: the last lines, and what is written while somebody watches. */
import { useMutation } from "@tanstack/react-query";
import { ArrowDownToLine, Radio, Square } from "lucide-react";
import { agentAt } from "../../../lib/agents";
import { api } from "../../../lib/api";
import { isOpen, JOBS, useJob } from "../../../lib/jobs";
import { useForbidden } from "../../../lib/session";
import type { Asked, Job } from "../../../lib/types";
import { Button } from "../../../ui/button";
import { Empty, Failed } from "../../../ui/empty";
import { LogView } from "../../../ui/log-view/log-view";
import { NeedsRole } from "../../../ui/needs-role";
import { SkeletonLines } from "../../../ui/skeleton";
import { Stack } from "../../../ui/stack";
import { toast } from "../../../ui/toast";
import { JobVerdict } from "../../deployments/job-verdict";
import styles from "./agent-log.module.css";

const LINES = 200;

export function AgentLog({ agentId }: { agentId: string }) {
  const forbidden = useForbidden("operator");
  const ask = useMutation({
    mutationFn: (follow: boolean) =>
      api<Asked>(agentAt(agentId, "/logs"), { method: "POST", body: { lines: LINES, follow } }),
  });
  if (forbidden) return <NeedsRole needed="operator" />;
  return (
    <Stack>
      <div className={styles.bar}>
        <Button
          icon={<ArrowDownToLine size={14} />}
          busy={ask.isPending && !ask.variables}
          onClick={() => ask.mutate(false)}
        >
          Last {LINES} lines
        </Button>
        <Button icon={<Radio size={14} />} busy={ask.isPending && ask.variables} onClick={() => ask.mutate(true)}>
          Follow live
        </Button>
      </div>
      {ask.error && <Failed what="The log was not asked for" error={ask.error} onRetry={() => ask.mutate(false)} />}
      {ask.data && <LogOfJob key={ask.data.jobId} jobId={ask.data.jobId} />}
      {ask.isIdle && (
        <Empty title="The log stays on the node">
          Fetch its last lines, or follow it while you watch, for ten minutes at most. Secrets are taken out before it
          leaves the node.
        </Empty>
      )}
    </Stack>
  );
}

function LogOfJob({ jobId }: { jobId: string }) {
  const { data: job, error, refetch } = useJob(jobId);
  if (error) return <Failed what="The log could not be fetched" error={error} onRetry={() => void refetch()} />;
  if (!job) return <SkeletonLines lines={6} />;
  return (
    <Stack>
      <div className={styles.bar}>{isOpen(job) && <StopFollowing job={job} />}</div>
      <JobVerdict job={job} />
      <LogView job={job} />
    </Stack>
  );
}

function StopFollowing({ job }: { job: Job }) {
  const stop = useMutation({
    mutationFn: () => api(`${JOBS}/${encodeURIComponent(job.id)}/cancel`, { method: "POST" }),
    onError: (failure) => toast({ tone: "bad", text: failure.message }),
  });
  return (
    <Button
      compact
      icon={<Square size={12} />}
      disabled={job.cancelAsked}
      busy={stop.isPending}
      onClick={() => stop.mutate()}
    >
      Stop
    </Button>
  );
}
