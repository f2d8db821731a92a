/** Where each node's cell is on the map: equal cells in groups, in an order that does not change with their state. */
import type { FleetNode } from "../../../lib/node";

export interface MapGroup {
  name: string;
  x: number;
  y: number;
  width: number;
  nodes: readonly FleetNode[];
}

export interface MapLayout {
  groups: MapGroup[];
  places: Map<string, readonly [x: number, y: number]>;
  height: number;
  /** Side of a cell and its distance to the next, in pixels. */
  cell: number;
  pitch: number;
}

/** Side of a cell in pixels, up to so many nodes. */
const SIZES: readonly (readonly [most: number, side: number])[] = [
  [60, 32],
  [600, 20],
  [4000, 14],
  [Number.POSITIVE_INFINITY, 8],
];
const COMPACT_MANY = 4000;
const HEAD = 22;
const GROUP_GAP = 16;
const ROW_GAP = 12;
const NARROWEST_GROUP = 130;

export function layOut(rows: readonly FleetNode[], width: number, compact: boolean): MapLayout {
  const cell = cellSize(rows.length, compact);
  const pitch = cell + (cell > 20 ? 4 : cell > 6 ? 2 : 1);
  const grouped = groupByRegion(rows);
  const columns = Math.max(
    1,
    Math.min(grouped.length, compact ? 8 : 4, Math.floor((width + GROUP_GAP) / (NARROWEST_GROUP + GROUP_GAP))),
  );
  const groupWidth = Math.floor((width - GROUP_GAP * (columns - 1)) / columns);
  const perLine = Math.max(1, Math.floor((groupWidth + pitch - cell) / pitch));
  const layout: MapLayout = { groups: [], places: new Map(), height: 0, cell, pitch };
  let top = 0;
  for (let start = 0; start < grouped.length; start += columns) {
    const line = grouped.slice(start, start + columns);
    line.forEach(([name, nodes], column) => {
      const group = { name, x: column * (groupWidth + GROUP_GAP), y: top, width: groupWidth, nodes };
      layout.groups.push(group);
      placeCells(group, perLine, layout);
    });
    const most = Math.max(...line.map(([, nodes]) => nodes.length));
    layout.height = top + HEAD + Math.ceil(most / perLine) * pitch;
    top = layout.height + ROW_GAP;
  }
  return layout;
}

/** The node at a point of the map, if one is there. */
export function nodeAt({ groups, places, pitch }: MapLayout, x: number, y: number): FleetNode | undefined {
  const group = groups.findLast((each) => x >= each.x && x < each.x + each.width && y >= each.y + HEAD);
  return group?.nodes.find((node) => {
    const [left, top] = places.get(node.id) ?? [-pitch, -pitch];
    return x >= left && x < left + pitch && y >= top && y < top + pitch;
  });
}

/** Whether the map shows exactly these nodes, whatever their order. */
export function shows({ places }: MapLayout, rows: readonly FleetNode[]): boolean {
  return places.size === rows.length && rows.every((node) => places.has(node.id));
}

function placeCells(group: MapGroup, perLine: number, { places, pitch }: MapLayout): void {
  group.nodes.forEach((node, index) => {
    const x = group.x + (index % perLine) * pitch;
    const y = group.y + HEAD + Math.floor(index / perLine) * pitch;
    places.set(node.id, [x, y]);
  });
}

function cellSize(count: number, compact: boolean): number {
  if (compact) return count > COMPACT_MANY ? 4 : 7;
  return SIZES.find(([most]) => count <= most)?.[1] ?? 8;
}

function groupByRegion(rows: readonly FleetNode[]): [name: string, nodes: FleetNode[]][] {
  const groups = new Map<string, FleetNode[]>();
  for (const node of rows) {
    const name = node.labels.region ?? node.labels.zone ?? "";
    const group = groups.get(name);
    if (group) group.push(node);
    else groups.set(name, [node]);
  }
  for (const group of groups.values()) group.sort((a, b) => (a.id < b.id ? -1 : 1));
  const named = [...groups].sort(([a], [b]) => Number(a === "") - Number(b === "") || a.localeCompare(b));
  return named.map(([name, nodes]) => [name || (groups.size > 1 ? "No region" : "All nodes"), nodes]);
}
