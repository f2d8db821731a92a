import { epochOf, formatMoment } from "../../lib/format";
import type { Job } from "../../lib/types";
import { Facts, Panel } from "../../ui/panel";
import { Stack } from "../../ui/stack";
import { type Column, Table } from "../../ui/table";
import { machineFacts } from "./machine-facts";

interface SeenAgent {
  agentId: string;
  pid: number | null;
  startedAt: string | null;
}

/** What a job found and left: text from the machine, shown as text. */
export function JobReceipt({ job: { result } }: { job: Job }) {
  const agents = agentsIn(result.agents);
  const facts = machineFacts(result.facts);
  return (
    <Stack>
      {agents.length > 0 && (
        <Panel title="Agents seen running" count={agents.length}>
          <Table label="Agents seen running" rows={agents} columns={COLUMNS} rowKey={({ agentId }) => agentId} />
        </Panel>
      )}
      {facts.length > 0 && (
        <Panel title="What the machine told">
          <Facts facts={facts} />
        </Panel>
      )}
    </Stack>
  );
}

const COLUMNS: readonly Column<SeenAgent>[] = [
  { title: "Agent", cell: ({ agentId }) => <code>{agentId}</code> },
  { title: "Process", figure: true, cell: ({ pid }) => pid ?? "–" },
  { title: "Started", figure: true, cell: ({ startedAt }) => (startedAt ? formatMoment(epochOf(startedAt)) : "–") },
];

function agentsIn(said: unknown): SeenAgent[] {
  return Array.isArray(said) ? said.filter((one) => typeof one?.agentId === "string") : [];
}
