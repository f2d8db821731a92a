import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw, Square } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { api } from "../../lib/api";
import { isOpen, JOBS, jobKey } from "../../lib/jobs";
import { useForbidden } from "../../lib/session";
import type { Job } from "../../lib/types";
import { HOME } from "../../routes";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { FormFailure } from "../../ui/field";
import { KINDS, subjectOf } from "./job-words";

/** What can be done about a job: end it while it runs, ask again once it has failed. */
export function JobActions({ job }: { job: Job }) {
  return (
    <>
      {isOpen(job) && <CancelJob job={job} />}
      {isRetried(job) && <RetryDeploy job={job} />}
    </>
  );
}

/** Of many machines, those that succeeded are not deployed to again. */
function isRetried(job: Job): boolean {
  return (
    !isOpen(job) &&
    ((job.kind === "deploy" && !job.target.origin) || (job.kind === "deploy_many" && job.state !== "succeeded"))
  );
}

export function CancelJob({ job }: { job: Job }) {
  const [asking, setAsking] = useState(false);
  const forbidden = useForbidden("operator");
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => api(`${JOBS}/${encodeURIComponent(job.id)}/cancel`, { method: "POST" }),
    onSuccess: () => {
      setAsking(false);
      void queries.invalidateQueries({ queryKey: jobKey(job.id) });
    },
  });
  return (
    <>
      <Button
        icon={<Square size={13} />}
        disabled={forbidden !== undefined || job.cancelAsked}
        title={forbidden}
        onClick={() => setAsking(true)}
      >
        {job.cancelAsked ? "Being cancelled" : "Cancel job"}
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={`Cancel: ${KINDS[job.kind]}, ${subjectOf(job)}?`}
        action="Cancel the job"
        danger
        busy={cancel.isPending}
        onConfirm={() => cancel.mutate()}
      >
        <p>
          {job.kind === "deploy_many"
            ? "What runs on the machines is stopped, and those that wait do not begin. What is done already stays."
            : "What was started on the machine is stopped. What is done already stays; a later deploy goes on from there."}
        </p>
        <FormFailure error={cancel.error} />
      </Confirm>
    </>
  );
}

/** The login was never stored, so it is asked for again. */
export function RetryDeploy({ job }: { job: Job }) {
  const [, navigate] = useLocation();
  const forbidden = useForbidden("operator");
  return (
    <Button
      icon={<RotateCw size={14} />}
      disabled={forbidden !== undefined}
      title={forbidden}
      onClick={() => navigate(`${HOME}?add=ssh&again=${encodeURIComponent(job.id)}`)}
    >
      {job.kind === "deploy_many" ? "Retry failed ones" : job.state === "succeeded" ? "Deploy again" : "Retry"}
    </Button>
  );
}
