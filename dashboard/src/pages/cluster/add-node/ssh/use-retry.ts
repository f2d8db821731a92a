import { useMutation } from "@tanstack/react-query";
import { useLayoutEffect, useState } from "react";
import { ApiError, api } from "../../../../lib/api";
import { JOBS } from "../../../../lib/jobs";
import { useForbidden } from "../../../../lib/session";
import type { DeployAnswer, Job } from "../../../../lib/types";
import type { MethodProps } from "../add-node-dialog";
import { useJumpLogin } from "./jump-login";
import { checkLogin, type Faults, loginOf, type Typed } from "./order";

interface Retry extends Pick<MethodProps, "onDirty"> {
  job: Job;
  start: Typed;
  bastion: Parameters<typeof useJumpLogin>[0];
  onDeploying(jobId: string): void;
}

/** What proves the user, asked for anew, and the request that takes it along. */
export function useRetry({ job, start, bastion, onDirty, onDeploying }: Retry) {
  const [typed, setTyped] = useState(start);
  const [faults, setFaults] = useState<Faults>({});
  const jump = useJumpLogin(bastion);
  const forbidden = useForbidden("operator");
  const request = useMutation({
    mutationFn: (body: object) =>
      api<DeployAnswer>(`${JOBS}/${encodeURIComponent(job.id)}/retry`, { method: "POST", body }),
    onSuccess: ({ jobId }) => onDeploying(jobId),
    onError: (failure) => setFaults(failure instanceof ApiError ? failure.fields : {}),
    gcTime: 0,
  });
  useLayoutEffect(() => {
    onDirty(typed !== start || jump.dirty);
    return () => onDirty(false);
  }, [typed, start, jump.dirty, onDirty]);
  const change = (part: Partial<Typed>) => {
    setFaults({});
    setTyped({ ...typed, ...part });
  };
  const check = () => {
    const found = checkLogin(typed);
    setFaults(found);
    return jump.check() && Object.keys(found).length === 0;
  };
  return { typed, faults, jump, forbidden, request, change, check, way: () => jump.way(loginOf(typed)) };
}
