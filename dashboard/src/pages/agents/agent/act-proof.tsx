/** What came of an action, in place: done is what a report of the node proved. */
import { X } from "lucide-react";
import { Link } from "wouter";
import type { AgentAction } from "../../../lib/agents";
import { jobPath, useJobUntilEnd } from "../../../lib/jobs";
import { Button } from "../../../ui/button";
import proof from "../../node/restart-proof.module.css";
import { ACTIONS } from "../actions/act-words";

const FOLLOWED_FOR_MS = 10 * 60_000;

export interface Followed {
  action: AgentAction;
  jobId: string;
}

export function ActProof({ action, jobId, onClose }: Followed & { onClose(): void }) {
  return (
    <section className={proof.proof} aria-label={ACTIONS[action].verb}>
      <p role="status">
        <Verdict action={action} jobId={jobId} />
      </p>
      <Button kind="ghost" compact icon={<X size={14} />} aria-label="Dismiss what came of it" onClick={onClose} />
    </section>
  );
}

function Verdict({ action, jobId }: Followed) {
  const { job, ended, error, late } = useJobUntilEnd(jobId, FOLLOWED_FOR_MS);
  const link = <Link href={jobPath(jobId)}>Open the job</Link>;
  if (error) {
    return (
      <span className={proof.failed}>
        <b>Not known.</b> {error.message}. {link}
      </span>
    );
  }
  if (job && ended) {
    const done = job.state === "succeeded";
    return (
      <span className={done ? proof.done : proof.failed}>
        <b>{done ? "Done." : "Not done."}</b> {job.message ?? (done ? "" : "It was cancelled")} {job.advice}
      </span>
    );
  }
  return (
    <>
      <b>It is {ACTIONS[action].being}.</b>{" "}
      {late ? "It takes long; the job goes on." : "The node's report will prove it."} {link}
    </>
  );
}
