/** The fleet brake for components: whether agents are paused, by whom, and which nodes have done it. */
import { useQuery } from "@tanstack/react-query";
import { api, CLUSTER } from "./api";
import type { Brake } from "./types";

export const BRAKE = `${CLUSTER}/brake`;
export const BRAKE_KEY = ["brake"];
const QUICK_MS = 1000;
const IDLE_MS = 10_000;

/** Asked for often while nodes are yet to confirm. */
export function useBrake() {
  return useQuery({
    queryKey: BRAKE_KEY,
    queryFn: ({ signal }) => api<Brake>(BRAKE, { signal }),
    refetchInterval: ({ state: { data } }) => (data?.braked && data.waiting.length > 0 ? QUICK_MS : IDLE_MS),
    refetchOnWindowFocus: true,
  });
}

/** "All agents", or "agents tagged web". */
export function scopeWords({ scope }: Pick<Brake, "scope">): string {
  const tag = typeof scope === "object" && scope !== null ? (scope as { tag?: unknown }).tag : null;
  return typeof tag === "string" ? `Agents tagged ${tag}` : "All agents";
}
