/** What may come next in a filter: keys first, then the values that the fleet really has. */
import { splitTerms } from "../../../lib/filter";
import { type FleetNode, STATUSES } from "../../../lib/node";

const MOST = 8;

export interface Completion {
  /** The whole draft with this taken. */
  draft: string;
  shown: string;
  hint: string;
  /** More has to be typed after it. */
  open: boolean;
}

const KEYS: readonly (readonly [key: string, hint: string])[] = [
  ["cap:", "a capability"],
  ["status:", "online, degraded or offline"],
  ["cpu:>", "CPU above a percentage"],
  ["mem:>", "memory above a percentage"],
  ["disk:>", "disk above a percentage"],
  ["agent:", "runs this agent"],
  ["agents:>", "runs more agents than"],
  ["platform:", "linux, darwin, windows"],
  ["label:", "has this label"],
  ["issue:", "any, none or a code"],
  ["is:", "schedulable or cordoned"],
  ["version:", "begins with"],
  ["arch:", "begins with"],
  ["name:", "has in its name"],
  ["host:", "has in its host"],
  ["id:", "has in its id"],
  ["cpus:>", "more CPUs than"],
  ["memory:>", "more MB of memory than"],
];

type Values = (node: FleetNode) => readonly string[];

const VALUES: Record<string, Values> = {
  cap: (node) => node.capabilities,
  platform: (node) => [node.platform],
  arch: (node) => [node.arch],
  version: (node) => [node.version],
  agent: (node) => node.agents,
  label: (node) => Object.entries(node.labels).map(([key, value]) => `${key}=${value}`),
  issue: (node) => node.issues.map(({ code }) => code),
};

const FIXED: Record<string, readonly string[]> = {
  status: STATUSES,
  is: ["schedulable", "cordoned"],
  issue: ["any", "none"],
};

export function complete(draft: string, nodes: Iterable<FleetNode>): Completion[] {
  if (/\s$/.test(draft)) return keysFor("", draft);
  const last = splitTerms(draft).at(-1) ?? "";
  const before = draft.slice(0, draft.length - last.length);
  const minus = last.startsWith("-") ? "-" : "";
  const body = last.slice(minus.length);
  const colon = body.indexOf(":");
  if (colon < 0) return keysFor(body, before + minus);
  return valuesFor(body.slice(0, colon), body.slice(colon + 1), before + minus, nodes);
}

function keysFor(start: string, before: string): Completion[] {
  return KEYS.filter(([key]) => key.startsWith(start.toLowerCase()))
    .slice(0, MOST)
    .map(([key, hint]) => ({ draft: before + key, shown: key, hint, open: true }));
}

function valuesFor(key: string, start: string, before: string, nodes: Iterable<FleetNode>): Completion[] {
  const counts = countValues(key, nodes);
  const wanted = start.toLowerCase();
  return [...counts]
    .filter(([value]) => value.toLowerCase().startsWith(wanted) && value !== "")
    .sort(([, left], [, right]) => right - left)
    .slice(0, MOST)
    .map(([value, count]) => ({
      draft: `${before}${key}:${quoted(value)}`,
      shown: `${key}:${value}`,
      hint: count > 0 ? String(count) : "",
      open: false,
    }));
}

function countValues(key: string, nodes: Iterable<FleetNode>): Map<string, number> {
  const counts = new Map((FIXED[key] ?? []).map((value) => [value, 0]));
  const values = VALUES[key];
  if (!values) return counts;
  for (const node of nodes) for (const value of values(node)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function quoted(value: string): string {
  return /[\s,]/.test(value) ? `"${value}"` : value;
}
