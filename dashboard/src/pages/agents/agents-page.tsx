/** The agents of all nodes, the worst first. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { api, CLUSTER } from "../../lib/api";
import { formatCountOf, formatMemory, formatShare } from "../../lib/format";
import type { Agent, Agents } from "../../lib/types";
import { useUrlState } from "../../lib/url-state";
import { anything, useRefetchOnChange } from "../../lib/use-refetch-on-change";
import { useSearchText } from "../../lib/use-search";
import { Button } from "../../ui/button";
import { Empty, Failed } from "../../ui/empty";
import { ListBar } from "../../ui/list-bar";
import { Page } from "../../ui/page";
import { Panel } from "../../ui/panel";
import { SkeletonLines } from "../../ui/skeleton";
import { Stack } from "../../ui/stack";
import { type Column, Table } from "../../ui/table";
import { Since } from "../../ui/time";
import { nodePath } from "../cluster/node-path";
import { AgentState } from "../node/agent-table";
import styles from "./agents-page.module.css";

const PAGE = 200;

export default function AgentsPage() {
  const [state, change] = useUrlState();
  const [shown, search, setSearch] = useSearchText();
  const sort = state.get("sort") ?? "state";
  const agents = useAgents(search, sort);
  const rows = agents.data?.pages.flatMap((page) => page.agents) ?? [];
  const matched = agents.data?.pages[0]?.matched ?? 0;
  return (
    <Page
      title="Agents"
      summary={agents.data && `${formatCountOf(matched, "agent")} ${search ? "found" : "on all nodes"}`}
    >
      <ListBar
        label="Filter agents"
        placeholder="Filter, e.g. state:crash node:gpu -role:test"
        text={shown}
        onSearch={setSearch}
      />
      <Stack>
        {agents.isPending && <SkeletonLines lines={8} />}
        {agents.error && <Failed what="The agents" error={agents.error} onRetry={() => void agents.refetch()} />}
        {agents.data && rows.length === 0 && <Nothing search={search} clear={() => setSearch("")} />}
        {rows.length > 0 && (
          <Panel title="All agents" count={matched}>
            <Table
              label="Agents"
              rows={rows}
              columns={COLUMNS}
              rowKey={(agent) => `${agent.nodeId} ${agent.agentId}`}
              sort={sort}
              onSort={(next) => change({ sort: next })}
            />
          </Panel>
        )}
        {agents.hasNextPage && (
          <Button busy={agents.isFetchingNextPage} onClick={() => void agents.fetchNextPage()}>
            More agents
          </Button>
        )}
      </Stack>{" "}
    </Page>
  );
}

function Nothing({ search, clear }: { search: string; clear(): void }) {
  if (!search) return <Empty title="No agent runs yet">Agents appear as soon as a node reports them.</Empty>;
  return (
    <Empty title="No agent matches" action={<Button onClick={clear}>Clear the filter</Button>}>
      <code>{search}</code>
    </Empty>
  );
}

function useAgents(search: string, sort: string) {
  const query = useInfiniteQuery({
    queryKey: ["agents", search, sort],
    queryFn: ({ pageParam, signal }) => {
      const wanted = new URLSearchParams({ limit: String(PAGE), sort });
      if (search) wanted.set("q", search);
      if (pageParam) wanted.set("cursor", pageParam);
      return api<Agents>(`${CLUSTER}/agents?${wanted}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  useRefetchOnChange(query.refetch, anything);
  return query;
}

const COLUMNS: readonly Column<Agent>[] = [
  {
    title: "Name",
    sort: "name",
    cell: ({ name, agentId }) => (
      <>
        {name}
        {name !== agentId && <code className={styles.id}>{agentId}</code>}
      </>
    ),
  },
  { title: "Role", wideOnly: true, cell: ({ role }) => <span className="dim">{role || "–"}</span> },
  { title: "State", sort: "state", cell: (agent) => <State agent={agent} /> },
  {
    title: "Node",
    sort: "node",
    cell: ({ nodeId, nodeName }) => <Link href={nodePath(nodeId)}>{nodeName || nodeId}</Link>,
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
    title: "Running for",
    sort: "started",
    figure: true,
    wideOnly: true,
    cell: ({ startedAt }) => (startedAt ? <Since at={Date.parse(startedAt) / 1000} suffix="" /> : "–"),
  },
];

/** On a node that is offline nobody knows: the last known state stands beside. */
function State({ agent }: { agent: Agent }) {
  const was = agent.state === "unknown" && agent.lastState ? `was ${agent.lastState.replaceAll("_", " ")}` : null;
  return (
    <>
      <AgentState agent={{ state: agent.state, status: agent.status ?? undefined }} />
      {was && <small className={styles.was}>{was}</small>}
    </>
  );
}
