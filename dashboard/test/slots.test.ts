import { expect, test } from "vitest";
import { assignSlots } from "../src/pages/cluster/list/use-slots";

const BEFORE = assignSlots(new Map(), ["a", "b", "c"], true);

test("each node has a slot of its own", () => {
  expect([...BEFORE]).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", 2],
  ]);
});

test("a node that stays keeps its slot wherever it stands, and others take what is free in order", () => {
  const after = assignSlots(BEFORE, ["x", "y", "b", "z"], true);
  expect([...after]).toEqual([
    ["x", 0],
    ["y", 2],
    ["b", 1],
    ["z", 3],
  ]);
});

test("while the list has the focus no slot passes to another node", () => {
  const after = assignSlots(BEFORE, ["b", "x"], false);
  expect([...after]).toEqual([
    ["b", 1],
    ["x", 3],
  ]);
});
