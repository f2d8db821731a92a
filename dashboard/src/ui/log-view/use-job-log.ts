import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { jobKey } from "../../lib/jobs";
import type { Job } from "../../lib/types";
import { JobLog } from "./job-log";

/** The log of this job as long as the component is there; what the stream tells of the job goes to its query. */
export function useJobLog(job: Job, anchor: number | null): JobLog {
  const queries = useQueryClient();
  const [log] = useState(() => new JobLog(job, (told) => queries.setQueryData(jobKey(told.id), told)));
  useSyncExternalStore(log.subscribe, log.getVersion);
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened once, at the line it was opened for
  useEffect(() => {
    void log.open(anchor);
    return () => log.close();
  }, [log]);
  return log;
}
