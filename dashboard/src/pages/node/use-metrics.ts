/** The history of a node's usage, fetched again as time goes on. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, CLUSTER } from "../../lib/api";
import type { Metrics } from "../../lib/types";

const REFRESH_MS = 60_000;
const MINUTE = 60;
const SHORTEST = 5 * MINUTE;

export const RANGES = [
  { id: "1h", title: "1 hour", seconds: 3600 },
  { id: "6h", title: "6 hours", seconds: 6 * 3600 },
  { id: "24h", title: "24 hours", seconds: 86_400 },
  { id: "7d", title: "7 days", seconds: 7 * 86_400 },
  { id: "30d", title: "30 days", seconds: 30 * 86_400 },
] as const;

/** Epoch seconds; without an end it goes on to now. */
export interface TimeRange {
  seconds: number;
  from?: number;
  to?: number;
}

export function useMetrics(nodeId: string, range: TimeRange) {
  const key = ["metrics", nodeId, range.seconds, range.from, range.to];
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      api<Metrics>(`${CLUSTER}/nodes/${encodeURIComponent(nodeId)}/metrics?${queryOf(range)}`, { signal }),
    refetchInterval: range.to === undefined ? REFRESH_MS : false,
    placeholderData: keepPreviousData,
  });
}

/**
 * Where a plot begins, in epoch seconds: a node younger than the range fills the plot from its first minute on, since
 * before it there is no gap, there was nothing. At least five minutes are shown.
 */
export function beginOf({ from, to, at, cpu, memory }: Metrics, registered: number): number {
  const first = at.find((_, index) => isKnown(cpu?.[index]) || isKnown(memory?.[index])) ?? registered;
  const born = Math.min(first, registered) - MINUTE;
  return Math.max(from, Math.min(born, to - SHORTEST));
}

const isKnown = (value: number | null | undefined) => value !== null && value !== undefined;

function queryOf({ seconds, from, to }: TimeRange): URLSearchParams {
  const end = to ?? Math.floor(Date.now() / 1000);
  return new URLSearchParams({ from: String(from ?? end - seconds), to: String(end) });
}
