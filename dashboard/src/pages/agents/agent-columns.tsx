/** The columns of the list of agents. */
import { Link } from "wouter";
import { agentPath } from "../../lib/agents";
import { epochOf, formatMemory, formatShare } from "../../lib/format";
import type { Agent } from "../../lib/types";
import { Chips } from "../../ui/badge";
import type { Column } from "../../ui/table";
import { Since } from "../../ui/time";
import check from "../cluster/list/node-check.module.css";
import { nodePath } from "../cluster/node-path";
import type { Act } from "./actions/agent-dialog";
import { AgentMenu } from "./actions/agent-menu";
import styles from "./agent-columns.module.css";
import { exitWords } from "./agent-words";
import { StateOfAgent } from "./state-of-agent";

interface Handlers {
  isChosen(id: string): boolean;
  onChoose(id: string, extend: boolean): void;
  onAsk(what: Act, agent: Agent): void;
}

export function columnsFor({ isChosen, onChoose, onAsk }: Handlers): readonly Column<Agent>[] {
  return [
    {
      title: "Select",
      cell: ({ agentId, name }) => (
        <input
          type="checkbox"
          className={check.check}
          aria-label={`Select ${name}`}
          checked={isChosen(agentId)}
          onChange={({ nativeEvent }) => onChoose(agentId, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)}
        />
      ),
    },
    ...COLUMNS,
    {
      title: "Actions",
      figure: true,
      cell: (agent) => <AgentMenu agent={agent} onAsk={(what) => onAsk(what, agent)} />,
    },
  ];
}

const COLUMNS: readonly Column<Agent>[] = [
  {
    title: "Name",
    sort: "name",
    cell: ({ name, agentId, tags }) => (
      <>
        <Link href={agentPath(agentId)} className={styles.name}>
          {name}
        </Link>
        {name !== agentId && <code className={styles.id}>{agentId}</code>}
        {tags.length > 0 && (
          <span className={styles.tags}>
            <Chips names={tags} />
          </span>
        )}
      </>
    ),
  },
  { title: "Role", wideOnly: true, cell: ({ role }) => <span className="dim">{role || "–"}</span> },
  { title: "State", sort: "state", cell: (agent) => <StateOfAgent agent={agent} /> },
  {
    title: "Node",
    sort: "node",
    cell: ({ nodeId, nodeName }) => (nodeId ? <Link href={nodePath(nodeId)}>{nodeName || nodeId}</Link> : "–"),
  },
  { title: "CPU", sort: "cpu", figure: true, wideOnly: true, cell: ({ cpuUsage }) => formatShare(cpuUsage ?? null) },
  {
    title: "Memory",
    sort: "mem",
    figure: true,
    wideOnly: true,
    cell: ({ memoryMb }) => (memoryMb === undefined || memoryMb === null ? "–" : formatMemory(memoryMb)),
  },
  { title: "Restarts", sort: "restarts", figure: true, wideOnly: true, cell: ({ restarts }) => restarts ?? "–" },
  {
    title: "Last exit",
    wideOnly: true,
    cell: ({ exit }) =>
      exit ? (
        <span className="dim">
          {exitWords(exit.code)}
          {exit.at && (
            <>
              , <Since at={epochOf(exit.at)} />
            </>
          )}
        </span>
      ) : (
        "–"
      ),
  },
  {
    title: "Running for",
    sort: "started",
    figure: true,
    wideOnly: true,
    cell: ({ startedAt }) => (startedAt ? <Since at={epochOf(startedAt)} suffix="" /> : "–"),
  },
];
