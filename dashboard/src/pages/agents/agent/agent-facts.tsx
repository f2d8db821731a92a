import type { ReactNode } from "react";
import { epochOf, formatMemory, formatMoment } from "../../../lib/format";
import type { AgentRow } from "../../../lib/types";
import { Chips } from "../../../ui/badge";
import { NodeLink } from "../../../ui/node-link";
import { Facts, Panel } from "../../../ui/panel";
import { Stack } from "../../../ui/stack";
import { lineOf } from "../register/words";

type Fact = readonly [name: string, value: ReactNode];

/** What somebody said that it should be. Of its environment only the names are known here. */
export function AgentFacts({ row }: { row: AgentRow }) {
  return (
    <Stack>
      <Panel title="Should be">
        <Facts facts={[...whatItRuns(row), ...whereItRuns(row)]} />
      </Panel>
      <Panel title="Needs">
        <Facts facts={whatItNeeds(row)} />
      </Panel>
    </Stack>
  );
}

function whatItRuns(row: AgentRow): Fact[] {
  const own = row.origin === "adopted" ? "as its node has it" : "the one that is set for all agents";
  return [
    ["Wanted", row.wanted],
    ["Role", row.role || "–"],
    ["Command", row.command ? <code key="command">{lineOf(row.command)}</code> : own],
    ["Environment", row.envNames.length > 0 ? <Chips key="env" names={row.envNames} most={8} /> : "empty"],
    ["Tags", row.tags.length > 0 ? <Chips key="tags" names={row.tags} most={8} /> : "none"],
  ];
}

function whereItRuns(row: AgentRow): Fact[] {
  const lease = row.onNodeLoss === "stay" ? "" : `, after ${row.leaseSeconds} s`;
  return [
    ["Node", row.nodeId ? <NodeLink key="node" id={row.nodeId} /> : "not placed"],
    ...(row.movingTo ? [["Moves to", <NodeLink key="to" id={row.movingTo} />] as const] : []),
    ["Placed", row.placedAt ? formatMoment(epochOf(row.placedAt)) : "–"],
    ["Changes of node", String(row.epoch)],
    ["When its node is lost", `${row.onNodeLoss}s${lease}`],
    ["Two copies at once", row.mayOverlap ? "do no harm" : "must not be"],
    ["Registered", `${formatMoment(epochOf(row.createdAt))} by ${row.createdBy || "nobody"}`],
  ];
}

function whatItNeeds({ needs, memoryWarnMb, memoryLimitMb }: AgentRow): Fact[] {
  return [
    ["Capabilities", needs.capabilities.length > 0 ? <Chips key="caps" names={needs.capabilities} most={6} /> : "none"],
    ["Memory", needs.memoryMb ? formatMemory(needs.memoryMb) : "not said"],
    ["CPU", needs.cpuWeight ? `${needs.cpuWeight} cores` : "not said"],
    ...Object.entries(needs.labels).map(([name, value]) => [`Label ${name}`, value] as const),
    ["Warns above", memoryWarnMb ? formatMemory(memoryWarnMb) : "–"],
    ["Restarted above", memoryLimitMb ? formatMemory(memoryLimitMb) : "–"],
  ];
}
