/** A drain as it is shown: what was moved, what is on its way, what stays and why. */
import type { Job, Part } from "../../lib/types";

interface Drained {
  moved: number;
  total: number;
  agents: readonly { agentId: string; state: Job["state"]; said: string }[];
}

/** Those at work first, then what stays, then what was moved. An agent may have been tried on several nodes. */
export function drainOf({ children, result }: Pick<Job, "children" | "result">): Drained {
  const tries = new Map<string, Part[]>();
  for (const part of children) {
    const agentId = part.agentId ?? "";
    tries.set(agentId, [...(tries.get(agentId) ?? []), part]);
  }
  const left = new Map(leftIn(result.left).map(({ agentId, reason }) => [agentId, reason]));
  const parts = [...tries].map(([agentId, parts]) => ({ agentId, ...triedOf(parts, left.get(agentId)) }));
  const stays = [...left]
    .filter(([agentId]) => !tries.has(agentId))
    .map(([agentId, said]) => ({ agentId, state: "failed" as const, said }));
  const agents = [...parts, ...stays].sort((one, other) => RANK[one.state] - RANK[other.state]);
  return { moved: parts.filter(({ state }) => state === "succeeded").length, total: agents.length, agents };
}

/** `left`: why it stays after all, with every node that was tried. */
function triedOf(parts: readonly Part[], left: string | undefined): { state: Job["state"]; said: string } {
  const last = parts[parts.length - 1] as Part;
  const before = parts.slice(0, -1).map(({ target }) => target.to);
  if (before.length === 0) return { state: last.state, said: last.message ?? left ?? "" };
  if (last.state === "failed") return { state: last.state, said: left ?? last.message ?? "" };
  return { state: last.state, said: `to ${last.target.to}, after it did not start on ${before.join(" and ")}` };
}

const RANK: Record<Job["state"], number> = { running: 0, queued: 1, failed: 2, cancelled: 3, succeeded: 4 };

function leftIn(said: unknown): { agentId: string; reason: string }[] {
  return Array.isArray(said) ? said.filter((one) => typeof one?.agentId === "string") : [];
}
