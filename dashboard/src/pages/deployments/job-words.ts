/** Jobs in words. */
import type { Job } from "../../lib/types";

export const KINDS: Record<Job["kind"], string> = {
  deploy: "Deploy",
  deploy_many: "Deploy to many",
  restart_agents: "Restart agents",
  test_connection: "Test connection",
  ping: "Ping",
  start_agent: "Start agent",
  stop_agent: "Stop agent",
  restart_agent: "Restart agent",
  move_agent: "Move agent",
  agents: "Many agents",
  drain: "Drain",
  agent_logs: "Log of an agent",
  upgrade: "Upgrade",
  rollout: "Upgrade many",
  uninstall: "Uninstall",
};

export const STATES: readonly { value: string; label: string }[] = [
  { value: "", label: "Any state" },
  { value: "open", label: "Not ended" },
  { value: "running", label: "Running" },
  { value: "succeeded", label: "Succeeded" },
  { value: "failed", label: "Failed" },
  { value: "cancelled", label: "Cancelled" },
];

/** What a job is about: the agent or the node if it is known, else the host. */
export function subjectOf({ agentId, nodeId, host, about, kind }: Job): string {
  return agentId ?? nodeId ?? host ?? about ?? KINDS[kind];
}

/** What a job's page is called. */
export function titleOf(job: Job): string {
  return job.kind === "deploy_many" ? `Deploy to ${job.about}` : `${KINDS[job.kind]} ${subjectOf(job)}`;
}

/** "step 4 of 7" while it runs; of many, how many are done. */
export function progressOf({ state, steps, parts }: Job): string | null {
  if (parts?.total) return `${parts.succeeded} of ${parts.total} done${parts.failed ? `, ${parts.failed} failed` : ""}`;
  if (state !== "running" || steps.length === 0) return null;
  const done = steps.filter((step) => step.state === "succeeded" || step.state === "skipped").length;
  return `step ${Math.min(done + 1, steps.length)} of ${steps.length}`;
}
