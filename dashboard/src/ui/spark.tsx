import { useEffect, useRef } from "react";
import { type Theme, tokenColour, useTheme } from "../lib/theme";
import styles from "./spark.module.css";

const DRAW_AT_MOST_EVERY_MS = 950;

interface SparkProps {
  /** NaN is a gap. */
  points: Float32Array;
  /** Changes when the points did. */
  revision: number;
  faded?: boolean;
  width?: number;
  height?: number;
}

/** A tiny line on a canvas; the figures beside it say the same to readers. */
export function Spark({ points, revision, faded = false, width = 84, height = 36 }: SparkProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<{ at: number; theme: Theme; points: Float32Array } | null>(null);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the revision stands for the points, which change in place
  useEffect(() => {
    const now = performance.now();
    const last = drawn.current;
    const same = last?.theme === theme && last.points === points;
    if (same && now - last.at < DRAW_AT_MOST_EVERY_MS) return;
    drawn.current = { at: now, theme, points };
    if (canvas.current) draw(canvas.current, points, width, height, faded);
  }, [points, revision, faded, width, height, theme]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas without tabindex takes no focus
  return <canvas ref={canvas} className={styles.spark} style={{ width, height }} aria-hidden="true" />;
}

function draw(canvas: HTMLCanvasElement, points: Float32Array, width: number, height: number, faded: boolean): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const density = devicePixelRatio || 1;
  canvas.width = width * density;
  canvas.height = height * density;
  context.scale(density, density);
  const colour = tokenColour(faded ? "--text-3" : "--cpu");
  for (const run of runs(points)) drawRun(context, run, scaleOf(points, width, height), colour, faded, height);
}

type Point = readonly [index: number, value: number];
type Place = (point: Point) => [x: number, y: number];

function scaleOf(points: Float32Array, width: number, height: number): Place {
  const highest = Math.max(0.5, ...points.filter((value) => !Number.isNaN(value)));
  const step = width / (points.length - 1);
  return ([index, value]) => [index * step, height - 2 - (value / highest) * (height - 5)];
}

/** The stretches between gaps. */
function runs(points: Float32Array): Point[][] {
  const found: Point[][] = [];
  let current: Point[] = [];
  points.forEach((value, index) => {
    if (!Number.isNaN(value)) current.push([index, value]);
    else if (current.length > 0) {
      found.push(current);
      current = [];
    }
  });
  return current.length > 0 ? [...found, current] : found;
}

function drawRun(
  context: CanvasRenderingContext2D,
  run: Point[],
  place: Place,
  colour: string,
  faded: boolean,
  height: number,
): void {
  const line = new Path2D();
  const places = run.map(place);
  const [first, last] = [places[0], places.at(-1)];
  if (!first || !last) return;
  line.moveTo(first[0] - (run.length === 1 ? 2 : 0), first[1]);
  for (const [x, y] of places) line.lineTo(x, y);
  context.strokeStyle = colour;
  context.lineWidth = 1.4;
  context.lineJoin = "round";
  context.globalAlpha = faded ? 0.5 : 1;
  context.stroke(line);
  line.lineTo(last[0], height);
  line.lineTo(first[0], height);
  const fade = context.createLinearGradient(0, 0, 0, height);
  fade.addColorStop(0, colour);
  fade.addColorStop(1, "transparent");
  context.globalAlpha = faded ? 0.08 : 0.16;
  context.fillStyle = fade;
  context.fill(line);
}
