/** Why a node is not simply online, in one sentence. */
import { formatDuration } from "../../../lib/format";
import type { FleetNode } from "../../../lib/node";

/** null when there is nothing to say. `now` is epoch milliseconds. */
export function troubleOf(node: FleetNode, now: number): string | null {
  if (node.status === "offline") return offlineReason(node, now);
  const [first, ...others] = node.issues;
  if (!first) return null;
  const lasting = formatDuration((now - Date.parse(first.since)) / 1000);
  return `${first.message} for ${lasting}${others.length > 0 ? `, and ${others.length} more` : ""}`;
}

function offlineReason(node: FleetNode, now: number): string {
  if (node.reason === "never_seen") return "Waiting for the first heartbeat";
  if (node.reason === "awaiting_heartbeat") return "Unknown, waiting for a heartbeat";
  return `No heartbeat for ${formatDuration(now / 1000 - node.seen)}`;
}
