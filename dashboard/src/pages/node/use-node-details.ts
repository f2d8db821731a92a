/** What only the page of a node needs: each agent's figures. Fetched again when the stream tells of the node. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, CLUSTER } from "../../lib/api";
import type { FleetNode } from "../../lib/node";
import type { NodeDetails } from "../../lib/types";

const AT_MOST_EVERY_MS = 1500;

export function useNodeDetails(id: string, live: FleetNode | undefined) {
  const query = useQuery({
    queryKey: ["node", id],
    queryFn: ({ signal }) => api<NodeDetails>(`${CLUSTER}/nodes/${encodeURIComponent(id)}`, { signal }),
    placeholderData: keepPreviousData,
  });
  const { refetch } = query;
  const fetchedAt = useRef(0);
  const revision = live?.revision ?? -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new revision is a reason to look again
  useEffect(() => {
    const wait = Math.max(0, fetchedAt.current + AT_MOST_EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      fetchedAt.current = Date.now();
      void refetch();
    }, wait);
    return () => clearTimeout(timer);
  }, [revision, refetch]);
  return query;
}
