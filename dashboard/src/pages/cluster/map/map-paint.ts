/** Paints the cells of the map: shape tells the status where there is room, brightness elsewhere. */
import { type FleetNode, isUp } from "../../../lib/node";
import { tokenColour } from "../../../lib/theme";
import type { MapLayout } from "./map-layout";

const ROOM_FOR_SHAPES = 8; // pixels
const CALM = 0.45;

export function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const density = devicePixelRatio || 1;
  canvas.width = width * density;
  canvas.height = height * density;
  const context = canvas.getContext("2d");
  context?.scale(density, density);
  return context;
}

export function paintAll(context: CanvasRenderingContext2D, layout: MapLayout, compact: boolean): void {
  for (const { nodes } of layout.groups) for (const node of nodes) paintCell(context, node, layout, compact);
}

export function paintCell(
  context: CanvasRenderingContext2D,
  node: FleetNode,
  { places, cell, pitch }: MapLayout,
  compact: boolean,
): void {
  const place = places.get(node.id);
  if (!place) return;
  const [x, y] = place;
  context.clearRect(x, y, pitch, pitch);
  context.fillStyle = context.strokeStyle = tokenColour(COLOUR[node.status]);
  context.globalAlpha = isUp(node) && node.status === "online" ? brightness(node, compact) : 1;
  if (cell < ROOM_FOR_SHAPES || node.status === "online") context.fillRect(x, y, cell, cell);
  else if (node.status === "degraded") fillTriangle(context, x, y, cell);
  else strokeSquare(context, x, y, cell);
  context.globalAlpha = 1;
}

const COLOUR = { online: "--ok", degraded: "--warn", offline: "--off" } as const;

/** The busier the brighter; small cells stay calm, so that trouble stands out. */
function brightness(node: FleetNode, compact: boolean): number {
  return compact ? CALM : 0.3 + 0.6 * (node.cpu ?? 0);
}

function fillTriangle(context: CanvasRenderingContext2D, x: number, y: number, cell: number): void {
  context.beginPath();
  context.moveTo(x + cell / 2, y);
  context.lineTo(x + cell, y + cell);
  context.lineTo(x, y + cell);
  context.fill();
}

function strokeSquare(context: CanvasRenderingContext2D, x: number, y: number, cell: number): void {
  const line = cell / 5;
  context.lineWidth = line;
  context.strokeRect(x + line / 2, y + line / 2, cell - line, cell - line);
}
