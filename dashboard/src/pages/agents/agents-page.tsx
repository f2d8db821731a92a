/** The agents of all nodes, the worst first: what each should be, and how it is seen. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Bot, Plus } from "lucide-react";
import { useState } from "react";
import { AGENTS, AGENTS_KEY } from "../../lib/agents";
import { api } from "../../lib/api";
import { formatCountOf } from "../../lib/format";
import { Selection, useSelection } from "../../lib/selection";
import { useForbidden } from "../../lib/session";
import { useShortcut } from "../../lib/shortcuts";
import type { Agents } from "../../lib/types";
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
import { Table } from "../../ui/table";
import { AgentDialog, type Asked } from "./actions/agent-dialog";
import { BulkAgents } from "./actions/bulk-agents";
import { columnsFor } from "./agent-columns";
import { RegisterAgent } from "./register/register-agent";

const PAGE = 200;

export default function AgentsPage() {
  const [state, change] = useUrlState();
  const [shown, search, setSearch] = useSearchText();
  const sort = state.get("sort") ?? "state";
  const forbidden = useForbidden("operator");
  const agents = useAgents(search, sort);
  const rows = agents.data?.pages.flatMap((page) => page.agents) ?? [];
  const matched = agents.data?.pages[0]?.matched ?? 0;
  const register = () => forbidden === undefined && change({ register: "1" });
  useShortcut("n", "Register agent", register);
  return (
    <Page
      title="Agents"
      summary={agents.data && `${formatCountOf(matched, "agent")} ${search ? "found" : "on all nodes"}`}
      actions={
        <Button
          kind="primary"
          icon={<Plus size={14} />}
          disabled={forbidden !== undefined}
          title={forbidden}
          onClick={register}
        >
          Register agent
        </Button>
      }
    >
      <ListBar
        label="Filter agents"
        placeholder="Filter, e.g. state:crash tag:web wanted:running managed:no waiting:yes"
        text={shown}
        onSearch={setSearch}
      />
      <Stack>
        {agents.isPending && <SkeletonLines lines={8} />}
        {agents.error && <Failed what="The agents" error={agents.error} onRetry={() => void agents.refetch()} />}
        {agents.data && rows.length === 0 && <Nothing search={search} clear={() => setSearch("")} />}
        {rows.length > 0 && (
          <AgentList
            rows={rows}
            matched={matched}
            search={search}
            sort={sort}
            onSort={(next) => change({ sort: next })}
          />
        )}
        {agents.hasNextPage && (
          <Button busy={agents.isFetchingNextPage} onClick={() => void agents.fetchNextPage()}>
            More agents
          </Button>
        )}
      </Stack>
      {state.has("register") && forbidden === undefined && <RegisterAgent onClose={() => change({ register: null })} />}
    </Page>
  );
}

interface AgentListProps {
  rows: Agents["agents"];
  matched: number;
  search: string;
  sort: string;
  onSort(sort: string): void;
}

/** The table with what is chosen in it. Choosing all that match outlasts what is on the page. */
function AgentList({ rows, matched, search, sort, onSort }: AgentListProps) {
  const [selection] = useState(() => new Selection());
  const chosen = useSelection(selection);
  const [allOf, setAllOf] = useState<string | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const all = allOf !== null && allOf === search;
  const ids = [...new Set(rows.map(({ agentId }) => agentId))];
  const choose = (id: string, extend: boolean) => {
    setAllOf(null);
    if (extend) selection.extend(id, ids);
    else selection.toggle(id);
  };
  const columns = columnsFor({
    isChosen: (id) => all || chosen.has(id),
    onChoose: choose,
    onAsk: (what, agent) => setAsked({ what, agent }),
  });
  return (
    <>
      <Panel title="All agents" count={matched}>
        <Table
          label="Agents"
          rows={rows}
          columns={columns}
          rowKey={(agent) => `${agent.nodeId} ${agent.agentId}`}
          sort={sort}
          onSort={onSort}
        />
      </Panel>
      <BulkAgents
        chosen={all ? { q: search } : { agentIds: [...chosen] }}
        count={all ? matched : chosen.size}
        matching={search && !all && chosen.size > 0 ? matched : null}
        onMatching={() => setAllOf(search)}
        onClear={() => {
          setAllOf(null);
          selection.replace([]);
        }}
      />
      {asked && <AgentDialog {...asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function Nothing({ search, clear }: { search: string; clear(): void }) {
  if (!search) {
    return (
      <Empty icon={<Bot size={20} aria-hidden="true" />} title="No agent yet">
        Register one: the control plane places it on the best node and keeps it running. Agents that a node runs by
        itself appear as soon as it reports them.
      </Empty>
    );
  }
  return (
    <Empty title="No agent matches" action={<Button onClick={clear}>Clear the filter</Button>}>
      <code>{search}</code>
    </Empty>
  );
}

function useAgents(search: string, sort: string) {
  const query = useInfiniteQuery({
    queryKey: [AGENTS_KEY, search, sort],
    queryFn: ({ pageParam, signal }) => {
      const wanted = new URLSearchParams({ limit: String(PAGE), sort });
      if (search) wanted.set("q", search);
      if (pageParam) wanted.set("cursor", pageParam);
      return api<Agents>(`${AGENTS}?${wanted}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  useRefetchOnChange(query.refetch, anything);
  return query;
}
