import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { OPEN_JOBS_KEY, useJob } from "../../../../lib/jobs";
import { useUrlState } from "../../../../lib/url-state";
import { DialogBody } from "../../../../ui/dialog";
import { Failed } from "../../../../ui/empty";
import { SkeletonLines } from "../../../../ui/skeleton";
import type { MethodProps } from "../add-node-dialog";
import { DeployingJob } from "./deploying-job";
import { FRESH, typedFrom } from "./order";
import { SshForm } from "./ssh-form";

/** The form, and once it is sent the job that it started; the address says which. */
export function SshMethod(props: MethodProps) {
  const [url, change] = useUrlState();
  const queries = useQueryClient();
  const deploying = (job: string) => {
    change({ job, again: null });
    void queries.invalidateQueries({ queryKey: OPEN_JOBS_KEY });
  };
  const [job, again] = [url.get("job"), url.get("again")];
  if (job) return <DeployingJob key={job} id={job} onClose={props.onClose} />;
  if (again) return <FormAgain key={again} {...props} id={again} onDeploying={deploying} />;
  return <SshForm {...props} initial={FRESH} onDeploying={deploying} />;
}

function FormAgain({ id, ...rest }: MethodProps & { id: string; onDeploying(jobId: string): void }) {
  const { data, error, refetch } = useJob(id);
  const initial = useMemo(() => (data ? typedFrom(data) : null), [data]);
  if (initial) return <SshForm {...rest} initial={initial} />;
  return (
    <DialogBody>
      {error ? (
        <Failed what="The earlier job could not be fetched" error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </DialogBody>
  );
}
