/** The orders of node lists: the same names and meanings as the API's `sort`. */
import type { FleetNode, Status } from "./node";

export type SortKey = "status" | "name" | "cpu" | "mem" | "agents" | "seen";

export interface Sort {
  key: SortKey;
  reversed: boolean;
}

const WORST_FIRST: Record<Status, number> = { offline: 0, degraded: 1, online: 2 };

/** Smallest comes first; null comes last, whichever way round. */
const VALUE: Record<Exclude<SortKey, "name">, (node: FleetNode) => number | null> = {
  status: (node) => WORST_FIRST[node.status],
  cpu: (node) => (node.cpu === null ? null : -node.cpu),
  mem: (node) => (node.mem === null ? null : -node.mem),
  agents: (node) => -node.agents.length,
  seen: (node) => (node.seen === 0 ? null : -node.seen),
};

export function sortNodes(nodes: FleetNode[], { key, reversed }: Sort): FleetNode[] {
  const sign = reversed ? -1 : 1;
  if (key === "name") return nodes.sort((a, b) => sign * byName(a, b));
  const value = VALUE[key];
  return nodes.sort((a, b) => {
    const left = value(a);
    const right = value(b);
    if (left === right) return byName(a, b);
    if (left === null) return 1;
    if (right === null) return -1;
    return sign * (left - right);
  });
}

function byName(a: FleetNode, b: FleetNode): number {
  if (a.sortName === b.sortName) return a.id < b.id ? -1 : 1;
  return a.sortName < b.sortName ? -1 : 1;
}

export function parseSort(text: string | null): Sort {
  const key = (text ?? "status").replace(/^-/, "");
  if (key !== "name" && !(key in VALUE)) return { key: "status", reversed: false };
  return { key: key as SortKey, reversed: text?.startsWith("-") ?? false };
}

export function formatSort({ key, reversed }: Sort): string {
  return reversed ? `-${key}` : key;
}
