/** Which nodes could get a newer daemon from here. */
import { useQuery } from "@tanstack/react-query";
import { api, CLUSTER } from "./api";
import { type FleetNode, isUp } from "./node";
import type { DaemonProgram } from "./types";

const FIVE_MINUTES_MS = 300_000;

/** The program that this control plane hands out; undefined until it is known, or when there is none. */
export function useDaemonProgram(): DaemonProgram | undefined {
  const { data } = useQuery({
    queryKey: ["daemon-program"],
    queryFn: ({ signal }) => api<DaemonProgram>(`${CLUSTER}/daemon-program`, { signal }),
    staleTime: FIVE_MINUTES_MS,
    retry: false,
  });
  return data;
}

/** Whether a node runs another build than the one that is here. */
export function isOutdated(node: FleetNode, program: DaemonProgram | undefined): boolean {
  return program !== undefined && node.managed && node.build !== "" && node.build !== program.sha256;
}

export function canUpgrade(node: FleetNode, program: DaemonProgram | undefined): boolean {
  return isOutdated(node, program) && isUp(node);
}
