/** A drain as it is shown: what was moved, what is on its way, what stays and why. */
import type { Job } from "../../lib/types";

interface Drained {
  moved: number;
  total: number;
  agents: readonly { agentId: string; state: Job["state"]; said: string }[];
}

/** Those at work first, then what stays, then what was moved. */
export function drainOf({ children, result }: Pick<Job, "children" | "result">): Drained {
  const parts = children.map(({ agentId, state, message }) => ({
    agentId: agentId ?? "",
    state,
    said: message ?? "",
  }));
  const known = new Set(parts.map(({ agentId }) => agentId));
  const left = leftIn(result.left)
    .filter(({ agentId }) => !known.has(agentId))
    .map(({ agentId, reason }) => ({ agentId, state: "failed" as const, said: reason }));
  const agents = [...parts, ...left].sort((one, other) => RANK[one.state] - RANK[other.state]);
  return { moved: parts.filter(({ state }) => state === "succeeded").length, total: agents.length, agents };
}

const RANK: Record<Job["state"], number> = { running: 0, queued: 1, failed: 2, cancelled: 3, succeeded: 4 };

function leftIn(said: unknown): { agentId: string; reason: string }[] {
  return Array.isArray(said) ? said.filter((one) => typeof one?.agentId === "string") : [];
}
