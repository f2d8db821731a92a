import { expect, test } from "vitest";
import { machineFacts } from "../src/pages/deployments/machine-facts";

test("says what a machine told in the words and the order of people, and nothing that is for us only", () => {
  const said = {
    done: "yes",
    clock: "1",
    pm2: "no",
    tar: "yes",
    free_mb: "2048",
    boot: "none",
    os: "Linux",
    node: "yes",
  };
  expect(machineFacts(said)).toEqual([
    ["Kernel", "Linux"],
    ["Free disk", "2 GB"],
    ["Started at boot by", "nothing"],
    ["Programs", "node, tar"],
    ["Not there", "pm2"],
  ]);
});

test("leaves out what a node of ours that is there already says of itself", () => {
  const said = { node_id: "a", port: "busy", daemon: "3f9c", runtime: "81ab", runtimes: "81ab c07d", os: "Linux" };
  expect(machineFacts(said)).toEqual([["Kernel", "Linux"]]);
  expect(machineFacts({ port: "busy" })).toEqual([["Node's port", "in use"]]);
});

test("shows what it has no words for as it was told", () => {
  expect(machineFacts({ a_new_fact: "x", free_mb: "much", sudo: "odd" })).toEqual([
    ["Free disk", "much"],
    ["sudo", "odd"],
    ["a new fact", "x"],
  ]);
});

test("bears a job that told nothing", () => {
  expect(machineFacts(undefined)).toEqual([]);
  expect(machineFacts("text")).toEqual([]);
});
