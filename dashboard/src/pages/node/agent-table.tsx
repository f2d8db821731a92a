import { Link } from "wouter";
import { agentPath, nameOf } from "../../lib/agents";
import { formatMemory, formatShare } from "../../lib/format";
import type { AgentDetails } from "../../lib/types";
import { Badge, type Tone } from "../../ui/badge";
import { Empty } from "../../ui/empty";
import { SkeletonLines } from "../../ui/skeleton";
import { type Column, Table } from "../../ui/table";
import { Since } from "../../ui/time";
import styles from "./agent-table.module.css";

const TONES: Record<string, Tone> = {
  running: "ok",
  restarting: "info",
  starting: "info",
  paused: "warn",
  crash_looping: "bad",
  missing: "bad",
  unplaced: "warn",
};

/** The agents of a node as it reported them. */
export function AgentTable({ agents, short }: { agents: readonly AgentDetails[] | undefined; short?: boolean }) {
  if (!agents) return <SkeletonLines lines={4} />;
  if (agents.length === 0) {
    return <Empty title="No agent runs here">Agents appear as soon as the node reports them.</Empty>;
  }
  return (
    <Table
      label="Agents"
      rows={agents}
      columns={short ? COLUMNS : [...COLUMNS, ...MORE]}
      rowKey={(agent) => agent.agentId}
    />
  );
}

export function AgentState({ agent }: { agent: Pick<AgentDetails, "state" | "status"> }) {
  const word = agent.state ?? agent.status ?? "running";
  return <Badge tone={TONES[word] ?? "off"}>{word.replaceAll("_", " ")}</Badge>;
}

const COLUMNS: readonly Column<AgentDetails>[] = [
  {
    title: "Name",
    cell: (agent) => (
      <>
        <Link href={agentPath(agent.agentId)}>{nameOf(agent)}</Link>
        {nameOf(agent) !== agent.agentId && <code className={styles.id}>{agent.agentId}</code>}
      </>
    ),
  },
  { title: "Role", wideOnly: true, cell: ({ role }) => <span className="dim">{role || "–"}</span> },
  { title: "State", cell: (agent) => <AgentState agent={agent} /> },
  { title: "CPU", figure: true, cell: ({ cpuUsage }) => formatShare(cpuUsage ?? null) },
  {
    title: "Memory",
    figure: true,
    cell: ({ memoryMb }) => (memoryMb === undefined || memoryMb === null ? "–" : formatMemory(memoryMb)),
  },
];

const MORE: readonly Column<AgentDetails>[] = [
  { title: "Restarts", figure: true, wideOnly: true, cell: ({ restarts }) => restarts ?? "–" },
  {
    title: "Running for",
    figure: true,
    wideOnly: true,
    cell: ({ startedAt }) => (startedAt ? <Since at={Date.parse(startedAt) / 1000} suffix="" /> : "–"),
  },
  { title: "Process", figure: true, wideOnly: true, cell: ({ pid }) => pid ?? "–" },
  { title: "Doing", wideOnly: true, cell: ({ currentActivity }) => currentActivity || "–" },
];
