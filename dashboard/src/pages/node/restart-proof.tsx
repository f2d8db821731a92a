/** What came of a restart, in place: each agent with its new process, or the sentence why not. */
import { X } from "lucide-react";
import { epochOf } from "../../lib/format";
import { useJobUntilEnd } from "../../lib/jobs";
import type { AgentDetails, Job } from "../../lib/types";
import { Button } from "../../ui/button";
import { Since } from "../../ui/time";
import type { RestartAnswer } from "../cluster/actions/node-actions";
import styles from "./restart-proof.module.css";

const FOLLOWED_FOR_MS = 180_000; // the control plane ends the job earlier when the node stays silent

interface RestartProofProps {
  answer: RestartAnswer;
  /** For their names. */
  agents: readonly AgentDetails[];
  onClose(): void;
}

export function RestartProof({ answer, agents, onClose }: RestartProofProps) {
  return (
    <section className={styles.proof} aria-label="Restart">
      <div role="status">
        {"failure" in answer ? (
          <Failure sentence={answer.failure} />
        ) : (
          <Followed key={answer.jobId} jobId={answer.jobId} agents={agents} />
        )}
      </div>
      <Button kind="ghost" compact icon={<X size={14} />} aria-label="Dismiss the restart" onClick={onClose} />
    </section>
  );
}

function Followed({ jobId, agents }: { jobId: string; agents: readonly AgentDetails[] }) {
  const { job, ended, error, late } = useJobUntilEnd(jobId, FOLLOWED_FOR_MS);
  if (error) return <Failure sentence={`What came of it is not known: ${error.message}`} />;
  if (job?.state === "succeeded") return <Started job={job} agents={agents} />;
  if (ended) return <Failure sentence={job?.message ?? "It was cancelled"} />;
  if (late) return <Failure sentence="The node has not said yet what came of it; its events will tell" />;
  return (
    <p>
      <b>Restarting.</b> It happens with the next heartbeat of the node.
    </p>
  );
}

interface NewProcess {
  agentId: string;
  pid: number | null;
  startedAt: string | null;
}

function Started({ job, agents }: { job: Job; agents: readonly AgentDetails[] }) {
  const started = (job.result?.agents ?? []) as readonly NewProcess[];
  const nameOf = (id: string) => agents.find(({ agentId }) => agentId === id)?.name ?? id;
  return (
    <>
      <p className={styles.done}>
        <b>Restarted.</b> {job.message}
      </p>
      <ul className={styles.agents}>
        {started.map(({ agentId, pid, startedAt }) => (
          <li key={agentId}>
            <b>{nameOf(agentId)}</b> has a new process {pid !== null && <code>{pid}</code>}
            {startedAt && (
              <>
                , started <Since at={epochOf(startedAt)} />
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function Failure({ sentence }: { sentence: string }) {
  return (
    <p className={styles.failed}>
      <b>Not restarted.</b> {sentence}
    </p>
  );
}
