/** What a step on a node would hit, asked for before anybody does it. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { api, CLUSTER } from "./api";
import type { Impact } from "./types";

export type Blow = "drain" | "restart" | "delete" | "revoke";

/** Never an old answer: what it tells may have changed since. */
function impactQuery(nodeId: string, action: Blow) {
  return {
    queryKey: ["impact", nodeId, action],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api<Impact>(`${CLUSTER}/nodes/${encodeURIComponent(nodeId)}/impact?action=${action}`, { signal }),
    gcTime: 0,
  };
}

export function useImpact(nodeId: string, action: Blow) {
  return useQuery(impactQuery(nodeId, action));
}

/** Of several nodes, each for itself. */
export function useImpacts(nodeIds: readonly string[], action: Blow) {
  return useQueries({ queries: nodeIds.map((id) => impactQuery(id, action)) });
}

/** "11 agents: 9 go elsewhere, 2 fit nowhere". */
export function sumOf(impacts: readonly Impact[]) {
  const agents = impacts.flatMap((impact) => impact.agents);
  return {
    hit: agents.length,
    elsewhere: agents.filter(({ goesTo }) => goesTo !== null).length,
    nowhere: impacts.reduce((sum, { fitNowhere }) => sum + fitNowhere, 0),
  };
}
