import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { Step } from "../../lib/types";
import { classes } from "../classes";
import { LogRow } from "./log-row";
import styles from "./log-view.module.css";
import { type Row, rowKey } from "./rows";
import type { Following } from "./use-follow";

const HEIGHTS: Record<Row["kind"], number> = { step: 28, verdict: 32, older: 28, line: 20 };

export interface Target {
  line: number;
}

/** How long a wheel, a finger or a key may go on moving what it set in motion. */
const GESTURE_MS = 2000;

interface LinesProps {
  rows: readonly Row[];
  text: string;
  times: boolean;
  wrap: boolean;
  chosen: readonly [number, number] | null;
  /** The line to bring into sight; another object is another wish. */
  target: Target | null;
  follow: Following;
  jobPath: string;
  onChoose(number: number, extend: boolean): void;
  onToggle(step: Step): void;
  onOlder(): void;
  /** Null when the newest lines are here. */
  onNewer: (() => void) | null;
  end: ReactNode;
}

/** All rows, of which those in sight are drawn. */
export function Lines(props: LinesProps) {
  const { rows, text, times, wrap, chosen, target, follow, jobPath, onChoose, onToggle, onOlder, onNewer, end } = props;
  const frame = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: (index) => HEIGHTS[rows[index]?.kind ?? "line"],
    getItemKey: (index) => keyAt(rows, index),
    overscan: 12,
    useFlushSync: false,
  });
  const height = virtualizer.getTotalSize();
  const items = virtualizer.getVirtualItems();
  useFollowing(frame, follow, height);
  useHeldPlace(frame, follow.on, rows, (index) => virtualizer.measurementsCache[index]?.start);
  const wanted = target ? rows.findIndex((row) => row.kind === "line" && row.line.number === target.line) : -1;
  const there = wanted >= 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each wish, as soon as its line is here
  useEffect(() => {
    if (there) virtualizer.scrollToIndex(wanted, { align: "center" });
  }, [target, there]);
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onNewer && last >= rows.length - 5) onNewer();
  }, [onNewer, last, rows.length]);
  return (
    <div
      ref={frame}
      className={classes(styles.frame, wrap && styles.wrap)}
      role="log"
      aria-live={follow.on ? "polite" : "off"}
      aria-label="Lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keys
      tabIndex={0}
      {...useReading(frame, follow)}
    >
      <div className={styles.space} style={{ height }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          return row ? (
            <div
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              className={classes(styles.place, row.kind !== "line" && styles.inner)}
              style={{ transform: `translateY(${start}px)` }}
            >
              <LogRow
                row={row}
                text={text}
                times={times}
                chosen={row.kind === "line" && isWithin(row.line.number, chosen)}
                current={row.kind === "line" && row.line.number === target?.line}
                jobPath={jobPath}
                onChoose={onChoose}
                onToggle={onToggle}
                onOlder={onOlder}
              />
            </div>
          ) : null;
        })}
      </div>
      {end}
    </div>
  );
}

function keyAt(rows: readonly Row[], index: number): string | number {
  const row = rows[index];
  return row ? rowKey(row) : index;
}

function isWithin(number: number, range: readonly [number, number] | null): boolean {
  return range !== null && number >= range[0] && number <= range[1];
}

/** While following, the end stays in sight. */
function useFollowing(frame: RefObject<HTMLDivElement | null>, follow: Following, height: number): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height means other lines
  useLayoutEffect(() => {
    if (follow.on && frame.current) frame.current.scrollTop = frame.current.scrollHeight;
  }, [frame, follow.on, height]);
}

/** Lines that come or go above what is read must not move it. */
function useHeldPlace(
  frame: RefObject<HTMLDivElement | null>,
  following: boolean,
  rows: readonly Row[],
  startOf: (index: number) => number | undefined,
): void {
  const held = useRef<{ key: string | number; below: number; top: number } | null>(null);
  const before = useRef(rows);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const place = held.current;
    // Scrolled meanwhile: then that is the place, and there is none to go back to.
    if (before.current !== rows && !following && place && Math.abs(element.scrollTop - place.top) <= 1) {
      const start = startOf(rows.findIndex((row) => rowKey(row) === place.key));
      if (start !== undefined && Math.abs(start - place.below - place.top) > 1) element.scrollTop = start - place.below;
    }
    before.current = rows;
    const top = element.scrollTop;
    const first = rows.findIndex((_, index) => (startOf(index) ?? 0) >= top);
    const row = rows[first];
    held.current = row ? { key: rowKey(row), below: (startOf(first) ?? 0) - top, top } : null;
  });
}

/** Tells the follower of everything that means reading. */
function useReading(frame: RefObject<HTMLDivElement | null>, follow: Following) {
  const finger = useRef(0);
  const touched = useRef(Number.NEGATIVE_INFINITY);
  const touch = () => {
    touched.current = performance.now();
  };
  const newest = useRef(follow);
  newest.current = follow;
  useEffect(() => {
    const listen = () => {
      if (newest.current.on && isSelecting(frame.current)) newest.current.stop();
    };
    document.addEventListener("selectionchange", listen);
    return () => document.removeEventListener("selectionchange", listen);
  }, [frame]);
  return {
    onPointerDown: touch, // also on the scroll bar
    onWheel: (event: React.WheelEvent) => {
      touch();
      if (event.deltaY < 0) follow.stop();
    },
    onTouchStart: (event: React.TouchEvent) => {
      finger.current = event.touches[0]?.clientY ?? 0;
    },
    onTouchMove: (event: React.TouchEvent) => {
      touch();
      if ((event.touches[0]?.clientY ?? 0) > finger.current) follow.stop();
    },
    onKeyDown: (event: React.KeyboardEvent) => {
      touch();
      if (["PageUp", "Home", "ArrowUp"].includes(event.key)) follow.stop();
    },
    onScroll: () => {
      const element = frame.current;
      if (!element) return;
      const { scrollTop: top, scrollHeight: height, clientHeight: viewport } = element;
      const byReader = performance.now() - touched.current < GESTURE_MS && !isSelecting(element);
      follow.scrolled({ top, height, viewport }, byReader);
    },
  };
}

function isSelecting(element: HTMLElement | null): boolean {
  const selection = getSelection();
  return element !== null && selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode);
}
