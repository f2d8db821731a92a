import type { ReactNode } from "react";
import { useJob } from "../../../lib/jobs";
import type { Job } from "../../../lib/types";
import { DialogBody } from "../../../ui/dialog";
import { Failed } from "../../../ui/empty";
import { SkeletonLines } from "../../../ui/skeleton";

/** A form that is filled with an earlier order, once that is there. */
export function Earlier({ id, children }: { id: string; children(job: Job): ReactNode }) {
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
