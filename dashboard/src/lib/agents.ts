/** Agents for components: where they are in the API, and what can be done with them. */
import { useQuery } from "@tanstack/react-query";
import { api, CLUSTER } from "./api";
import type { AgentWithHistory } from "./types";
import { anything, useRefetchOnChange } from "./use-refetch-on-change";

export const AGENTS = `${CLUSTER}/agents`;
export const AGENTS_PAGE = "/operations/agents";
/** Begins the key of every list of agents. */
export const AGENTS_KEY = "agents";

export type AgentAction = "start" | "stop" | "restart" | "move";

/** Where one agent is in the API. */
export function agentAt(id: string, rest = ""): string {
  return `${AGENTS}/${encodeURIComponent(id)}${rest}`;
}

/** Where its page is. */
export function agentPath(id: string): string {
  return `${AGENTS_PAGE}/${encodeURIComponent(id)}`;
}

/** Its name, or its id for want of one. */
export function nameOf({ name, agentId }: { name: string; agentId: string }): string {
  return name || agentId;
}

export function agentKey(id: string): readonly string[] {
  return ["agent", id];
}

/** One agent with all that is known of it; fetched again when anything was reported. */
export function useAgent(id: string) {
  const query = useQuery({
    queryKey: agentKey(id),
    queryFn: ({ signal }) => api<AgentWithHistory>(agentAt(id), { signal }),
    refetchOnWindowFocus: true,
  });
  useRefetchOnChange(query.refetch, anything);
  return query;
}
