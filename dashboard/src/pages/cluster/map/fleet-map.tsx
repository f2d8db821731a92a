import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import { fleet } from "../../../lib/fleet";
import { formatCount, formatShare } from "../../../lib/format";
import { type FleetNode, STATUSES, type Status } from "../../../lib/node";
import { useTheme } from "../../../lib/theme";
import { useStatuses } from "../../../lib/use-fleet";
import { conditionOf, conditionWord, StatusGlyph } from "../../../ui/status";
import { nodePath } from "../node-path";
import styles from "./fleet-map.module.css";
import { layOut, type MapGroup, type MapLayout, nodeAt, shows } from "./map-layout";
import { paintAll, paintCell, prepare } from "./map-paint";
import { useWidth } from "./use-width";

interface FleetMapProps {
  rows: readonly FleetNode[];
  /** Small cells: the map stands above the table. */
  compact: boolean;
}

/** Every node is a cell. Trouble stands out by shape and brightness; the table lists the same nodes for readers. */
export function FleetMap({ rows, compact }: FleetMapProps) {
  const [frame, width] = useWidth();
  const layout = useLayout(rows, width, compact);
  const [pointed, setPointed] = useState<{ node: FleetNode; x: number; y: number } | null>(null);
  const [, navigate] = useLocation();
  const point = (event: PointerEvent<HTMLCanvasElement>) => {
    const { offsetX: x, offsetY: y } = event.nativeEvent;
    const node = nodeAt(layout, x, y);
    setPointed(node ? { node, x, y } : null);
  };
  return (
    <div ref={frame} className={styles.map}>
      {layout.groups.map((group) => (
        <GroupHead key={group.name} group={group} />
      ))}
      {width > 0 && (
        <MapCanvas
          layout={layout}
          width={width}
          compact={compact}
          count={rows.length}
          onPoint={point}
          onLeave={() => setPointed(null)}
          onOpen={() => pointed && navigate(nodePath(pointed.node.id))}
        />
      )}
      {pointed && <Hint node={pointed.node} x={Math.min(pointed.x + 12, width - 250)} y={pointed.y + 14} />}
    </div>
  );
}

interface MapCanvasProps {
  layout: MapLayout;
  width: number;
  compact: boolean;
  count: number;
  onPoint(event: PointerEvent<HTMLCanvasElement>): void;
  onLeave(): void;
  onOpen(): void;
}

function MapCanvas({ layout, width, compact, count, onPoint, onLeave, onOpen }: MapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const context = canvas.current && prepare(canvas.current, width, layout.height);
    if (!context) return;
    paintAll(context, layout, compact);
    // Only what changed is painted: React has no part in it.
    return fleet.onChange(({ changed }) => {
      for (const node of changed) paintCell(context, node, layout, compact);
    });
  }, [layout, width, compact, theme]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={`Map of ${formatCount(count)} nodes. The table lists the same nodes.`}
      className={styles.canvas}
      style={{ width, height: layout.height }}
      onPointerMove={onPoint}
      onPointerLeave={onLeave}
      onClick={onOpen}
    />
  );
}

/** The name of a group and what is wrong in it. */
function GroupHead({ group: { name, nodes, x, y, width } }: { group: MapGroup }) {
  useStatuses();
  const counts: Record<Status, number> = { online: 0, degraded: 0, offline: 0 };
  for (const { status } of nodes) counts[status] += 1;
  return (
    <div className={styles.head} style={{ left: x, top: y, width }}>
      <b className={styles.name}>{name}</b>
      {STATUSES.map(
        (status) =>
          status !== "online" &&
          counts[status] > 0 && (
            <span key={status} className={styles.count}>
              <StatusGlyph condition={status} size={8} />
              <span className="num">{formatCount(counts[status])}</span>
              <span className="readers-only">{status}</span>
            </span>
          ),
      )}
    </div>
  );
}

function Hint({ node, x, y }: { node: FleetNode; x: number; y: number }) {
  return (
    <div className={styles.hint} style={{ left: Math.max(0, x), top: y }}>
      <b>{node.name}</b> {conditionWord(conditionOf(node)).toLowerCase()}, CPU {formatShare(node.cpu)}, memory{" "}
      {formatShare(node.mem)}
    </div>
  );
}

/** A new layout only when other nodes are shown or the place changed, not when their order did. */
function useLayout(rows: readonly FleetNode[], width: number, compact: boolean): MapLayout {
  const last = useRef<{ layout: MapLayout; width: number; compact: boolean } | null>(null);
  return useMemo(() => {
    const kept = last.current;
    if (kept && kept.width === width && kept.compact === compact && shows(kept.layout, rows)) return kept.layout;
    const layout = layOut(rows, width, compact);
    last.current = { layout, width, compact };
    return layout;
  }, [rows, width, compact]);
}
