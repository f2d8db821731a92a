import { expect, test } from "vitest";
import { nodeFromWire } from "../src/lib/node";
import { layOut, nodeAt, shows } from "../src/pages/cluster/map/map-layout";
import { wireNode } from "./nodes";

const NODES = Array.from({ length: 90 }, (_, index) =>
  nodeFromWire(wireNode(`n-${index}`, { labels: index % 3 === 0 ? {} : { region: `r-${index % 3}` } })),
);

test.each([320, 390, 1160])("on %d pixels every node has a cell of its own within the width", (width) => {
  const { places, cell, height } = layOut(NODES, width, false);
  const corners = [...places.values()];
  expect(new Set(corners.map(String)).size).toBe(NODES.length);
  expect(Math.max(...corners.map(([x]) => x)) + cell).toBeLessThanOrEqual(width);
  expect(Math.max(...corners.map(([, y]) => y)) + cell).toBeLessThanOrEqual(height);
});

test("a cell is found by any point in it", () => {
  const layout = layOut(NODES, 1160, false);
  for (const node of NODES) {
    const [x, y] = layout.places.get(node.id) ?? [0, 0];
    expect(nodeAt(layout, x + layout.cell - 1, y + 1)?.id).toBe(node.id);
  }
  expect(nodeAt(layout, 1, 1)).toBeUndefined();
});

test("nodes without a region stand last", () => {
  expect(layOut(NODES, 1160, false).groups.map(({ name }) => name)).toEqual(["r-1", "r-2", "No region"]);
});

test("another order of the same nodes is the same map", () => {
  const layout = layOut(NODES, 1160, true);
  expect(shows(layout, NODES.toReversed())).toBe(true);
  expect(shows(layout, NODES.slice(1))).toBe(false);
});
