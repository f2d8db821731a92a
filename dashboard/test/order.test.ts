import { expect, test } from "vitest";
import { nodeFromWire } from "../src/lib/node";
import { sortNodes } from "../src/lib/order";
import { wireNode } from "./nodes";

function inOrder(names: string[], reversed = false): string[] {
  const nodes = names.map((name) => nodeFromWire(wireNode(name)));
  return sortNodes(nodes, { key: "name", reversed }).map((node) => node.name);
}

test("names stand as people count: numbers by value, whatever the case", () => {
  expect(inOrder(["node-10", "Node-9", "Zoo", "apple", "node-1"])).toEqual([
    "apple",
    "node-1",
    "Node-9",
    "node-10",
    "Zoo",
  ]);
  expect(inOrder(["b", "A"], true)).toEqual(["b", "A"]);
});

test("equal figures stand by name, whichever way round the order is", () => {
  const nodes = ["c", "B", "a"].map((name) => nodeFromWire(wireNode(name)));
  for (const reversed of [false, true]) {
    expect(sortNodes(nodes, { key: "cpu", reversed }).map((node) => node.name)).toEqual(["a", "B", "c"]);
  }
});
