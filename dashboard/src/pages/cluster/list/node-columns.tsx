/** The columns of the nodes table that may be left out and put in another order. */
import { type ReactNode, useMemo } from "react";
import { type ColumnChoice, readColumns, writeColumns } from "../../../lib/columns";
import { formatPlatform } from "../../../lib/format";
import { type FleetNode, isUp } from "../../../lib/node";
import type { SortKey } from "../../../lib/order";
import { usePreference } from "../../../lib/preference";
import { Chips } from "../../../ui/badge";
import { Meter } from "../../../ui/meter";
import { Since } from "../../../ui/time";
import styles from "./node-table.module.css";
import { NodeVersion } from "./node-version";

export interface NodeColumn {
  title: string;
  sort?: SortKey;
  className?: string;
  /** Classes of its cells besides. */
  look?: string;
  cell(node: FleetNode): ReactNode;
}

export const NODE_COLUMNS = {
  platform: {
    title: "Platform",
    className: styles.platform,
    look: "dim",
    cell: (node) => formatPlatform(node.platform, node.arch),
  },
  cpu: {
    title: "CPU",
    sort: "cpu",
    cell: (node) => <Meter share={isUp(node) ? node.cpu : null} label="CPU" tone="cpu" />,
  },
  mem: {
    title: "Memory",
    sort: "mem",
    cell: (node) => <Meter share={isUp(node) ? node.mem : null} label="Memory" tone="mem" />,
  },
  agents: {
    title: "Agents",
    sort: "agents",
    className: styles.agents,
    look: "num",
    cell: (node) => node.agents.length,
  },
  capabilities: {
    title: "Capabilities",
    className: styles.capabilities,
    cell: (node) => <Chips names={node.capabilities} />,
  },
  version: {
    title: "Version",
    className: styles.version,
    look: "dim num",
    cell: (node) => <NodeVersion node={node} />,
  },
  seen: {
    title: "Last seen",
    sort: "seen",
    className: styles.seen,
    look: "dim",
    cell: (node) => (node.seen > 0 ? <Since at={node.seen} /> : "never"),
  },
} satisfies Record<string, NodeColumn>;

export type NodeColumnKey = keyof typeof NODE_COLUMNS;
export type NodeColumnChoices = readonly ColumnChoice<NodeColumnKey>[];
const KEYS = Object.keys(NODE_COLUMNS) as NodeColumnKey[];

/** What this browser remembers. */
export function useNodeColumns(): [NodeColumnChoices, (choices: NodeColumnChoices) => void] {
  const [line, write] = usePreference("node-columns");
  const choices = useMemo(() => readColumns(line, KEYS), [line]);
  return [choices, (next) => write(writeColumns(next))];
}

export function columnOf(key: NodeColumnKey): NodeColumn {
  return NODE_COLUMNS[key];
}

/** The tracks of a row; the style sheet says how wide each is, and empties those that a narrow list has no room for. */
export function tracksOf(shown: readonly NodeColumnKey[]): string {
  return ["status", "node", ...shown, "actions"].map((name) => `var(--track-${name})`).join(" ");
}
