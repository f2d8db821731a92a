import { type ReactNode, Suspense, useState } from "react";
import type { FleetView } from "../../lib/fleet-view";
import { formatCount, formatCountOf } from "../../lib/format";
import { live } from "../../lib/live";
import { part } from "../../lib/part";
import type { Totals } from "../../lib/totals";
import { useUrlState } from "../../lib/url-state";
import { useFleetValue, useFleetView, useListFailure } from "../../lib/use-fleet";
import { Button } from "../../ui/button";
import { Empty, Failed } from "../../ui/empty";
import { Page } from "../../ui/page";
import { BulkBar } from "./actions/bulk-bar";
import { NodeMenu } from "./actions/node-menu";
import { ActivityRail } from "./activity-rail";
import { AttentionStrip } from "./attention-strip";
import styles from "./cluster-page.module.css";
import { AddButton, EmptyFleet } from "./empty-fleet";
import { Toolbar } from "./filter/toolbar";
import { NodeCards, NodeCardsSkeleton } from "./list/node-cards";
import { NodeTable } from "./list/node-table";
import { useListKeys } from "./list/use-list-keys";
import { useRangeSelection } from "./list/use-range-selection";
import { FleetMap } from "./map/fleet-map";
import { StatsStrip, StatsStripSkeleton } from "./stats-strip";
import { StatusAnnouncer } from "./status-announcer";
import { type ClusterState, LARGE_FLEET, useChoice, useClusterState } from "./use-cluster-state";

const AddNodeDialog = part(() => import("./add-node/add-node-dialog"));

/** Operations > Cluster: the whole fleet at a glance. */
export default function ClusterPage() {
  const loaded = useFleetValue((fleet) => fleet.loaded);
  const nodes = useFleetValue(({ totals }) => totals.nodes);
  const failure = useListFailure();
  const [url, changeUrl] = useUrlState();
  const add = () => changeUrl({ add: "manual" }, { push: true });
  const empty = loaded && nodes === 0;
  return (
    <Page title="Cluster" summary={<Summary />} actions={empty ? undefined : <AddButton onAdd={add} />}>
      {empty && <EmptyFleet onAdd={add} />}
      {!loaded && failure && (
        <Failed what="The list of nodes could not be fetched" error={failure} onRetry={() => void live.fetchAll()} />
      )}
      {!empty && !(failure && !loaded) && <FleetOverview loaded={loaded} nodes={nodes} />}
      <Suspense>
        {url.has("add") && (
          <AddNodeDialog
            method={url.get("add")}
            onMethod={(method) => changeUrl({ add: method, like: null })}
            onClose={() => changeUrl({ add: null, job: null, again: null, like: null })}
          />
        )}
      </Suspense>
    </Page>
  );
}

/** Apart from the page, which is not drawn again for one more agent. */
function Summary() {
  return useFleetValue(({ loaded, totals }) => summaryOf(loaded, totals));
}

function summaryOf(loaded: boolean, { nodes, agents, unheard }: Totals): string {
  if (!loaded) return "Loading nodes";
  if (nodes === 0) return "Run your agents across machines";
  const running = `${formatCountOf(nodes, "worker node runs", "worker nodes run")} ${formatCountOf(agents, "agent")}`;
  return unheard > 0 ? `${running}; ${formatCount(nodes - unheard)} of ${formatCount(nodes)} reporting` : running;
}

function FleetOverview({ loaded, nodes }: { loaded: boolean; nodes: number }) {
  const large = nodes > LARGE_FLEET;
  const state = useClusterState(nodes);
  return (
    <>
      {loaded ? <StatsStrip /> : <StatsStripSkeleton />}
      <div className={large ? styles.wide : styles.body}>
        <div className={styles.list}>
          <AttentionStrip onShow={() => state.setStatuses(["degraded", "offline"])} />
          <FleetList state={state} loaded={loaded} large={large} />
        </div>
        {!large && <ActivityRail />}
      </div>
      <NodeMenu />
      <StatusAnnouncer />
    </>
  );
}

interface FleetListProps {
  state: ClusterState;
  loaded: boolean;
  large: boolean;
}

function FleetList({ state, loaded, large }: FleetListProps) {
  const [draft, setDraft] = useState("");
  return (
    <>
      <Toolbar state={state} draft={draft} onDraft={setDraft} />
      <FleetRows state={state} draft={draft} onDraft={setDraft} loaded={loaded} large={large} />
    </>
  );
}

interface FleetRowsProps extends FleetListProps {
  draft: string;
  onDraft(draft: string): void;
}

/** Apart from the toolbar, which another order does not concern. */
function FleetRows({ state, draft, onDraft, loaded, large }: FleetRowsProps) {
  const view = useFleetView(useChoice(state, draft));
  const listKeys = useListKeys();
  const { rows, paused } = view;
  useRangeSelection(listKeys, rows);
  const clear = () => {
    onDraft("");
    state.clear();
  };
  return (
    <>
      <Held view={view} listRef={listKeys}>
        {paused && <p className={styles.paused}>Order paused while you point at the list</p>}
        {!loaded && <NodeCardsSkeleton />}
        {loaded && rows.length === 0 && <NoMatch state={state} draft={draft} onClear={clear} />}
        {loaded && rows.length > 0 && <Rows state={state} rows={rows} large={large} />}
      </Held>
      <BulkBar rows={rows} />
    </>
  );
}

interface RowsProps {
  state: ClusterState;
  rows: FleetView["rows"];
  large: boolean;
}

function Rows({ state, rows, large }: RowsProps) {
  switch (state.view) {
    case "cards":
      return <NodeCards rows={rows} />;
    case "map":
      return <FleetMap rows={rows} compact={false} />;
    default:
      return (
        <>
          {large && <FleetMap rows={rows} compact />}
          <NodeTable rows={rows} sort={state.sort} onSort={state.setSort} />
        </>
      );
  }
}

interface HeldProps {
  view: FleetView;
  listRef: React.RefObject<HTMLDivElement | null>;
  children: ReactNode;
}

/** A row must not move under a click: pointer or focus in the list hold its order. */
function Held({ view, listRef, children }: HeldProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches
    <div
      ref={listRef}
      className={styles.held}
      onPointerEnter={(event) => event.pointerType === "mouse" && view.hold(true)}
      onPointerLeave={() => view.hold(false)}
      onFocus={() => view.hold(true)}
      onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || view.hold(false)}
    >
      {children}
    </div>
  );
}

function NoMatch({ state, draft, onClear }: { state: ClusterState; draft: string; onClear(): void }) {
  const filter = [...state.terms, draft.trim(), ...[...state.statuses].map((status) => `status:${status}`)];
  const nodes = useFleetValue(({ totals }) => totals.nodes);
  return (
    <Empty title="No node matches" action={<Button onClick={onClear}>Clear filters</Button>}>
      <code>{filter.filter(Boolean).join(" ")}</code> is in the way of {formatCount(nodes)} nodes.
    </Empty>
  );
}
