import { epochOf, formatMemory, formatMoment, formatShare } from "../../../lib/format";
import type { AgentEvent, AgentWithHistory, SeenAgent } from "../../../lib/types";
import { Badge } from "../../../ui/badge";
import { Empty } from "../../../ui/empty";
import { NodeLink } from "../../../ui/node-link";
import { Panel } from "../../../ui/panel";
import { Stack } from "../../../ui/stack";
import { type Column, Table } from "../../../ui/table";
import { Since } from "../../../ui/time";
import { AgentState } from "../../node/agent-table";
import { exitWords } from "../agent-words";
import { AgentFacts } from "./agent-facts";
import styles from "./agent-overview.module.css";

export function AgentOverview({ found }: { found: AgentWithHistory }) {
  return (
    <div className={styles.body}>
      <Stack>
        <Panel title="Seen">
          {found.seen.length > 0 ? (
            <Table label="Seen" rows={found.seen} columns={SEEN} rowKey={({ nodeId }) => nodeId} />
          ) : (
            <Empty title="No node reports it" />
          )}
        </Panel>
        <Panel title="History">
          {found.history.length > 0 ? (
            <Table label="History" rows={found.history} columns={HISTORY} rowKey={({ id }) => id} />
          ) : (
            <Empty title="Nothing has happened to it yet" />
          )}
        </Panel>
      </Stack>
      {found.agent && (
        <aside aria-label="What it should be">
          <AgentFacts row={found.agent} />
        </aside>
      )}
    </div>
  );
}

const SEEN: readonly Column<SeenAgent>[] = [
  { title: "Node", cell: ({ nodeId }) => (nodeId ? <NodeLink id={nodeId} /> : "–") },
  {
    title: "State",
    cell: ({ state, status }) => <AgentState agent={{ state, status: status ?? undefined }} />,
  },
  { title: "CPU", figure: true, wideOnly: true, cell: ({ cpuUsage }) => formatShare(cpuUsage ?? null) },
  {
    title: "Memory",
    figure: true,
    wideOnly: true,
    cell: ({ memoryMb }) => (memoryMb === undefined || memoryMb === null ? "–" : formatMemory(memoryMb)),
  },
  { title: "Process", figure: true, wideOnly: true, cell: ({ pid }) => pid ?? "–" },
  { title: "Restarts", figure: true, wideOnly: true, cell: ({ restarts }) => restarts ?? "–" },
  {
    title: "Running for",
    figure: true,
    cell: ({ startedAt }) => (startedAt ? <Since at={epochOf(startedAt)} suffix="" /> : "–"),
  },
  {
    title: "Last exit",
    wideOnly: true,
    cell: ({ exit }) =>
      exit ? (
        <>
          {exitWords(exit.code)}
          {exit.at && (
            <>
              , <Since at={epochOf(exit.at)} />
            </>
          )}
        </>
      ) : (
        "–"
      ),
  },
];

const HISTORY: readonly Column<AgentEvent>[] = [
  { title: "When", cell: ({ at }) => <time dateTime={at}>{formatMoment(epochOf(at))}</time> },
  { title: "What", wideOnly: true, cell: ({ kind }) => <Badge tone="off">{kind.replaceAll("_", " ")}</Badge> },
  { title: "Told", cell: ({ message, kind }) => message || kind.replaceAll("_", " ") },
  { title: "Node", wideOnly: true, cell: ({ nodeId }) => (nodeId ? <NodeLink id={nodeId} /> : "–") },
];
