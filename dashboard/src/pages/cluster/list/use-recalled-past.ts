/** The last minutes of each node from the control plane, so that the lines on the cards do not begin empty. */
import { useQueries } from "@tanstack/react-query";
import { api, CLUSTER } from "../../../lib/api";
import { fleet } from "../../../lib/fleet";
import { type FleetNode, HISTORY_POINTS, recall } from "../../../lib/node";
import type { Metrics } from "../../../lib/types";

/** One request per node: a large fleet goes without. */
const MOST_NODES = 30;
const MINUTE = 60;

export function useRecalledPast(rows: readonly FleetNode[]): void {
  const asked = rows.length <= MOST_NODES ? rows : [];
  useQueries({
    queries: asked.map((node) => ({
      queryKey: ["past", node.id],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        recall(node, await fetchPast(node.id, signal));
        fleet.flush(); // in a quiet fleet nothing else would draw it soon
        return true;
      },
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    })),
  });
}

async function fetchPast(nodeId: string, signal: AbortSignal): Promise<readonly (number | null)[]> {
  const from = Math.floor(Date.now() / 1000) - HISTORY_POINTS * MINUTE;
  const { cpu = [] } = await api<Metrics>(`${CLUSTER}/nodes/${encodeURIComponent(nodeId)}/metrics?from=${from}`, {
    signal,
  });
  return cpu;
}
