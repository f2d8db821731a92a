import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { OPEN_JOBS_KEY, useJob } from "../../../../lib/jobs";
import type { Job } from "../../../../lib/types";
import { useUrlState } from "../../../../lib/url-state";
import { DialogBody } from "../../../../ui/dialog";
import { Failed } from "../../../../ui/empty";
import { SkeletonLines } from "../../../../ui/skeleton";
import type { MethodProps } from "../add-node-dialog";
import { DeployingJob } from "./deploying-job";
import { FRESH, typedFrom } from "./order";
import { RetryForm } from "./retry-form";
import { SshForm } from "./ssh-form";

/** The form, and once it is sent the job that it started; the address says which. */
export function SshMethod(props: MethodProps) {
  const [url, change] = useUrlState();
  const queries = useQueryClient();
  const deploying = (job: string) => {
    change({ job, again: null, like: null });
    void queries.invalidateQueries({ queryKey: OPEN_JOBS_KEY });
  };
  const rest = { ...props, onDeploying: deploying };
  const [job, again, like] = [url.get("job"), url.get("again"), url.get("like")];
  if (job) return <DeployingJob key={job} id={job} onClose={props.onClose} />;
  if (again) {
    const changeOrder = () => change({ again: null, like: again });
    return (
      <Earlier key={again} id={again}>
        {(earlier) => <RetryForm {...rest} job={earlier} onChangeOrder={changeOrder} />}
      </Earlier>
    );
  }
  if (like) {
    return (
      <Earlier key={like} id={like}>
        {(earlier) => <SshForm {...rest} initial={typedFrom(earlier)} />}
      </Earlier>
    );
  }
  return <SshForm {...rest} initial={FRESH} />;
}

function Earlier({ id, children }: { id: string; children(job: Job): ReactNode }) {
  const { data, error, refetch } = useJob(id);
  if (data) return children(data);
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
