/** Usage over time: CPU, memory, disk and load, from an hour to a month. */
import { RotateCcw } from "lucide-react";
import { useCallback, useMemo } from "react";
import { useLocation } from "wouter";
import { formatMemory, formatMoment, formatShare } from "../../lib/format";
import type { FleetNode } from "../../lib/node";
import type { Metrics } from "../../lib/types";
import { useUrlState } from "../../lib/url-state";
import { Button } from "../../ui/button";
import { Empty, Failed } from "../../ui/empty";
import { Panel } from "../../ui/panel";
import { Plot, type PlotProps } from "../../ui/plot";
import { Skeleton, SkeletonLines } from "../../ui/skeleton";
import { type Column, Table } from "../../ui/table";
import { nodePath } from "../cluster/node-path";
import styles from "./node-metrics.module.css";
import { beginOf, RANGES, type TimeRange, useMetrics } from "./use-metrics";

type What = "cpu" | "memory" | "disk" | "load";

const LOOKS: Record<What, { title: string; tone: PlotProps["tone"]; share: boolean }> = {
  cpu: { title: "CPU", tone: "cpu", share: true },
  memory: { title: "Memory", tone: "mem", share: true },
  disk: { title: "Disk", tone: "accent", share: true },
  load: { title: "Load", tone: "ok", share: false },
};
const ORDER: readonly What[] = ["cpu", "memory", "disk", "load"];

export function NodeMetrics({ node }: { node: FleetNode }) {
  const [state, change] = useUrlState();
  const range = useRange(state);
  const metrics = useMetrics(node.id, range);
  const zoom = useZoom(node.id);
  const asTable = state.get("view") === "table";
  return (
    <div className={styles.metrics}>
      <div className={styles.choices}>
        <fieldset className={styles.ranges} aria-label="Time">
          {RANGES.map(({ id, title, seconds }) => (
            <Button
              key={id}
              compact
              aria-pressed={range.to === undefined && range.seconds === seconds}
              onClick={() => change({ range: id, from: null, to: null })}
            >
              {title}
            </Button>
          ))}
        </fieldset>
        {range.to !== undefined && range.from !== undefined && (
          <Button compact icon={<RotateCcw size={13} />} onClick={() => change({ from: null, to: null })}>
            {formatMoment(range.from)} to {formatMoment(range.to)}
          </Button>
        )}
        <Button compact aria-pressed={asTable} onClick={() => change({ view: asTable ? null : "table" })}>
          View as table
        </Button>
      </div>
      {metrics.error && (
        <Failed what="The history of this node" error={metrics.error} onRetry={() => void metrics.refetch()} />
      )}
      {asTable ? (
        <MetricTable metrics={metrics.data} />
      ) : (
        <div className={styles.plots}>
          {ORDER.map((what) => (
            <UsagePlot key={what} node={node} metrics={metrics.data} what={what} onZoom={zoom} />
          ))}
        </div>
      )}
    </div>
  );
}

interface UsagePlotProps {
  node: FleetNode;
  metrics: Metrics | undefined;
  what: What;
  onZoom: PlotProps["onZoom"];
}

/** One figure of a node over time, with its value now. */
export function UsagePlot({ node, metrics, what, onZoom }: UsagePlotProps) {
  const { title, tone, share } = LOOKS[what];
  const values = metrics?.[what];
  return (
    <Panel title={title} aside={<Now node={node} what={what} metrics={metrics} />}>
      {metrics && values ? (
        <Plot
          label={title}
          tone={tone}
          share={share}
          at={metrics.at}
          values={values}
          from={beginOf(metrics, node.registered)}
          to={metrics.to}
          sync={node.id}
          onZoom={onZoom}
        />
      ) : (
        <Skeleton height={176} />
      )}
    </Panel>
  );
}

function Now({ node, what, metrics }: Pick<UsagePlotProps, "node" | "what" | "metrics">) {
  const load = metrics?.load?.findLast((value) => value !== null);
  const [figure, of] = {
    cpu: [formatShare(node.cpu), node.cpuCount ? `of ${node.cpuCount} cores` : ""],
    memory: [formatShare(node.mem), node.memoryMb ? `of ${formatMemory(node.memoryMb)}` : ""],
    disk: [formatShare(node.disk), "used"],
    load: [load?.toFixed(2) ?? "–", "one-minute average"],
  }[what];
  return (
    <span className={styles.now}>
      <b className="num">{figure}</b> <small className="dim">{of}</small>
    </span>
  );
}

interface Point {
  at: number;
  cpu: number | null;
  memory: number | null;
  disk: number | null;
  load: number | null;
}

const POINT_COLUMNS: readonly Column<Point>[] = [
  { title: "Time", cell: ({ at }) => formatMoment(at) },
  { title: "CPU", figure: true, cell: ({ cpu }) => formatShare(cpu) },
  { title: "Memory", figure: true, cell: ({ memory }) => formatShare(memory) },
  { title: "Disk", figure: true, cell: ({ disk }) => formatShare(disk) },
  { title: "Load", figure: true, cell: ({ load }) => load?.toFixed(2) ?? "–" },
];
const MOST_ROWS = 300;

function MetricTable({ metrics }: { metrics: Metrics | undefined }) {
  if (!metrics) return <SkeletonLines lines={8} />;
  const points = metrics.at
    .map((at, index) => ({
      at,
      cpu: metrics.cpu?.[index] ?? null,
      memory: metrics.memory?.[index] ?? null,
      disk: metrics.disk?.[index] ?? null,
      load: metrics.load?.[index] ?? null,
    }))
    .filter(({ cpu, memory, disk, load }) => [cpu, memory, disk, load].some((value) => value !== null))
    .reverse();
  if (points.length === 0) return <Empty title="Nothing was reported in this time" />;
  return <Table label="Usage" rows={points.slice(0, MOST_ROWS)} columns={POINT_COLUMNS} rowKey={({ at }) => at} />;
}

/** Show a stretch of time on the metrics tab. */
export function useZoom(nodeId: string): PlotProps["onZoom"] {
  const [, navigate] = useLocation();
  return useCallback(
    (from, to) => navigate(`${nodePath(nodeId)}/metrics?from=${from}&to=${Math.max(to, from + 120)}`),
    [nodeId, navigate],
  );
}

function useRange(state: URLSearchParams): TimeRange {
  const [from, to] = [Number(state.get("from")), Number(state.get("to"))];
  const chosen = RANGES.find(({ id }) => id === state.get("range")) ?? RANGES[0];
  return useMemo(
    () => (from > 0 && to > from ? { seconds: to - from, from, to } : { seconds: chosen.seconds }),
    [from, to, chosen.seconds],
  );
}
