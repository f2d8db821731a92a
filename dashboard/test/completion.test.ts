import { expect, test } from "vitest";
import { nodeFromWire } from "../src/lib/node";
import { complete } from "../src/pages/cluster/filter/completion";
import { wireNode } from "./nodes";

const NODES = [
  wireNode("a", { capabilities: ["gpu", "voice"], labels: { region: "eu west" } }),
  wireNode("b", { capabilities: ["gpu"] }),
].map(nodeFromWire);

const drafts = (text: string) => complete(text, NODES).map(({ draft }) => draft);

test("a beginning is completed to keys", () => {
  expect(drafts("ca")).toEqual(["cap:"]);
  expect(drafts("cap:gpu -me")).toEqual(["cap:gpu -mem:>", "cap:gpu -memory:>"]);
});

test("values are those of the fleet, the commonest first", () => {
  expect(drafts("cap:")).toEqual(["cap:gpu", "cap:voice"]);
  expect(drafts("-cap:v")).toEqual(["-cap:voice"]);
});

test("a value with a blank is quoted, so that it stays one term", () => {
  expect(drafts("label:")).toEqual(['label:"region=eu west"']);
});

test("nothing is offered where nothing fits", () => {
  expect(drafts("edge-7")).toEqual([]);
  expect(drafts("cpu:>8")).toEqual([]);
});
