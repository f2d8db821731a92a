/** A plot over time on a canvas: shared crosshair, drag to zoom, gaps drawn as gaps, and a table behind a button. */
import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { tokenColour, useTheme } from "../lib/theme";
import styles from "./plot.module.css";

const HEIGHT = 176;
const NOTHING = "No figures from this time; a new node has its first within a minute.";
const FONT = '11px "Inter Variable", system-ui';

export interface PlotProps {
  label: string;
  tone: "cpu" | "mem" | "accent" | "ok";
  /** Epoch seconds. */
  at: readonly number[];
  /** null is a gap. */
  values: readonly (number | null)[];
  /** The ends of the axis, epoch seconds: also where there are no points. */
  from: number;
  to: number;
  /** Shares are drawn from 0 to 100 per cent; anything else from 0 to its highest. */
  share?: boolean;
  /** Plots with the same name share their crosshair. */
  sync: string;
  onZoom(from: number, to: number): void;
}

export function Plot({ label, tone, at, values, from, to, share = false, sync, onZoom }: PlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme means other colours
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const data: uPlot.AlignedData = [at as number[], values as (number | null)[]];
    const options = optionsFor({ label, tone, from, to, share, sync, width: element.clientWidth });
    options.hooks = { setSelect: [(plot) => takeSelection(plot, zoom.current)] };
    const plot = new uPlot(options, data, element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [label, tone, at, values, from, to, share, sync, theme]);
  return (
    <div className={styles.frame}>
      <div ref={frame} className={styles.plot} role="img" aria-label={summaryOf(label, values, share)} />
      {values.every((value) => value === null) && (
        <p className={styles.none}>
          <span>{NOTHING}</span>
        </p>
      )}
    </div>
  );
}

interface Look extends Pick<PlotProps, "label" | "tone" | "from" | "to" | "sync"> {
  share: boolean;
  width: number;
}

function optionsFor({ label, tone, from, to, share, sync, width }: Look): uPlot.Options {
  const colour = tokenColour(`--${tone}`);
  const axis = { stroke: tokenColour("--text-3"), font: FONT, ticks: { show: false } };
  const grid = { stroke: tokenColour("--line"), width: 1 };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    cursor: { sync: { key: sync }, points: { size: 7 }, y: false, drag: { x: true, y: false, setScale: false } },
    scales: { x: { range: [from, to] }, y: { range: share ? [0, 1] : (_, __, highest) => [0, roomAbove(highest)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 26, values: (_, times) => times.map(clockFor(to - from)) },
      { ...axis, grid, size: 40, values: (_, ticks) => ticks.map(share ? asShare : asFigure) },
    ],
    series: [
      {},
      {
        label,
        stroke: colour,
        width: 1.5,
        points: { show: true, size: 4, fill: colour, filter: lonelyPoints },
        fill: (plot) => fade(plot, colour),
      },
    ],
  };
}

/** A point between two gaps makes no line: only these are drawn as dots. */
function lonelyPoints(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const known = (index: number) => values[index] !== null && values[index] !== undefined;
  return [...values.keys()].filter((index) => known(index) && !known(index - 1) && !known(index + 1));
}

function takeSelection(plot: uPlot, zoom: PlotProps["onZoom"]): void {
  const { left, width } = plot.select;
  if (width < 4) return;
  zoom(Math.floor(plot.posToVal(left, "x")), Math.ceil(plot.posToVal(left + width, "x")));
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

function fade(plot: uPlot, colour: string): CanvasGradient {
  const gradient = plot.ctx.createLinearGradient(0, 0, 0, plot.bbox.height);
  gradient.addColorStop(0, `${colour}40`);
  gradient.addColorStop(1, `${colour}00`);
  return gradient;
}

function roomAbove(highest: number | null): number {
  return Math.max(1, (highest ?? 0) * 1.15);
}

function asShare(value: number): string {
  return `${Math.round(value * 100)}%`;
}

function asFigure(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Times of a day as hours and minutes; over more than two days as days. */
function clockFor(span: number): (time: number) => string {
  const style: Intl.DateTimeFormatOptions =
    span > 2 * 86_400 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", hour12: false };
  const format = new Intl.DateTimeFormat(undefined, style);
  return (time) => format.format(time * 1000);
}

/** What the plot says, for those who do not see it. */
function summaryOf(label: string, values: readonly (number | null)[], share: boolean): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return `${label}: nothing was reported in this time`;
  const shown = share ? asShare : asFigure;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return `${label}: ${shown(mean)} on average, from ${shown(Math.min(...known))} to ${shown(Math.max(...known))}`;
}
