/** What a person types about an agent, as text, and what is sent of it. */
import type { AgentRow, ChangeAgent, NewAgent } from "../../../lib/types";
import { lineOf, wordsOf } from "./words";

export interface TypedAgent {
  agentId: string;
  name: string;
  role: string;
  command: string;
  env: string;
  capabilities: string;
  memoryMb: string;
  cpuWeight: string;
  labels: string;
  tags: string;
  onNodeLoss: NonNullable<NewAgent["onNodeLoss"]>;
  leaseSeconds: string;
  mayOverlap: boolean;
  memoryWarnMb: string;
  memoryLimitMb: string;
  /** Empty: the best node. */
  nodeId: string;
  start: boolean;
}

export type Faults = Readonly<Partial<Record<keyof TypedAgent, string>>>;

export const FRESH: TypedAgent = {
  agentId: "",
  name: "",
  role: "",
  command: "",
  env: "",
  capabilities: "",
  memoryMb: "",
  cpuWeight: "",
  labels: "",
  tags: "",
  onNodeLoss: "stay",
  leaseSeconds: "60",
  mayOverlap: false,
  memoryWarnMb: "",
  memoryLimitMb: "",
  nodeId: "",
  start: true,
};

/** An agent that is there, to be changed; what its environment holds is never shown again. */
export function typedFrom(row: AgentRow): TypedAgent {
  return {
    ...FRESH,
    agentId: row.agentId,
    name: row.name,
    role: row.role ?? "",
    command: lineOf(row.command ?? []),
    capabilities: row.needs.capabilities.join(", "),
    memoryMb: figure(row.needs.memoryMb),
    cpuWeight: figure(row.needs.cpuWeight),
    labels: Object.entries(row.needs.labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(", "),
    tags: row.tags.join(", "),
    onNodeLoss: row.onNodeLoss,
    leaseSeconds: String(row.leaseSeconds),
    mayOverlap: row.mayOverlap,
    memoryWarnMb: figure(row.memoryWarnMb),
    memoryLimitMb: figure(row.memoryLimitMb),
    nodeId: row.nodeId ?? "",
  };
}

const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const MEGABYTES = "A whole number of megabytes, or nothing";

/** What is wrong with it, by field; nothing when it can be sent. */
export function checkAgent(typed: TypedAgent): Faults {
  return {
    ...(!AGENT_ID.test(typed.agentId.trim()) && {
      agentId: "1-128 letters, digits and . _ : @ -, beginning with a letter or digit",
    }),
    ...(wordsOf(typed.command) === null && { command: "A quote is not closed" }),
    ...(pairsOf(lines(typed.env), VARIABLE) === null && { env: "One NAME=value on each line" }),
    ...(pairsOf(names(typed.labels), /./) === null && { labels: "name=value, separated by commas" }),
    ...(!isWhole(typed.memoryMb) && { memoryMb: MEGABYTES }),
    ...(!isWhole(typed.memoryWarnMb) && { memoryWarnMb: MEGABYTES }),
    ...(!isWhole(typed.memoryLimitMb) && { memoryLimitMb: MEGABYTES }),
    ...(!(Number(typed.cpuWeight) >= 0) && { cpuWeight: "A number of cores such as 0.5, or nothing" }),
    ...(!isLease(typed.leaseSeconds) && { leaseSeconds: "A number from 30 to 600" }),
  };
}

/** What changes; the environment only when something was typed, since it replaces the old one as a whole. */
export function changeOf(typed: TypedAgent): ChangeAgent {
  const command = wordsOf(typed.command) ?? [];
  const env = pairsOf(lines(typed.env), VARIABLE) ?? {};
  return {
    ...(typed.name.trim() && { name: typed.name.trim() }),
    role: typed.role.trim() || null,
    command: command.length > 0 ? command : null,
    ...(Object.keys(env).length > 0 && { env }),
    needs: {
      capabilities: names(typed.capabilities),
      memoryMb: Number(typed.memoryMb),
      cpuWeight: Number(typed.cpuWeight),
      labels: pairsOf(names(typed.labels), /./) ?? {},
    },
    tags: names(typed.tags),
    onNodeLoss: typed.onNodeLoss,
    leaseSeconds: Number(typed.leaseSeconds),
    mayOverlap: typed.mayOverlap,
    memoryWarnMb: Number(typed.memoryWarnMb) || null,
    memoryLimitMb: Number(typed.memoryLimitMb) || null,
  };
}

export function newAgentOf(typed: TypedAgent): NewAgent {
  return {
    ...changeOf(typed),
    agentId: typed.agentId.trim(),
    nodeId: typed.nodeId || null,
    wanted: typed.start ? "running" : "stopped",
  };
}

/** "name=value" each; null when one is not. */
function pairsOf(texts: readonly string[], wanted: RegExp): Record<string, string> | null {
  const pairs: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1 || !wanted.test(text.slice(0, at))) return null;
    pairs[text.slice(0, at)] = text.slice(at + 1);
  }
  return pairs;
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function names(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}

function figure(value: number | null): string {
  return value ? String(value) : "";
}

function isWhole(text: string): boolean {
  return /^\d{0,9}$/.test(text.trim());
}

function isLease(text: string): boolean {
  const seconds = Number(text);
  return Number.isInteger(seconds) && seconds >= 30 && seconds <= 600;
}
