/** Agents that wait for a person, for components. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, CLUSTER } from "./api";
import type { Waiting } from "./types";
import { searchQuery } from "./use-search";

export const WAITING = `${CLUSTER}/waiting`;
export const WAITING_KEY = "waiting";
const ASK_EVERY_MS = 5000;

export function useWaiting(words = "") {
  return useQuery({
    queryKey: [WAITING_KEY, words],
    queryFn: ({ signal }) => api<Waiting>(`${WAITING}${searchQuery(words)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ASK_EVERY_MS,
    refetchOnWindowFocus: true,
  });
}

export function useWaitingCount(): number {
  return useWaiting().data?.total ?? 0;
}
