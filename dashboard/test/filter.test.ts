import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Filterable, KEYS, parseQuery, QueryError } from "../src/lib/filter";

/** The table that the API's own tests walk: both must read the language alike. */
const CASES: { matches: string[]; misses: string[]; faults: [string, string][] } = JSON.parse(
  readFileSync("../tests/unit/node_query_cases.json", "utf8"),
);

/** The machine of tests/unit/machines.py. */
const NODE: Filterable = {
  id: "node-1",
  name: "Edge One",
  host: "edge1.example.net",
  platform: "linux",
  arch: "x86_64",
  version: "0.5.324",
  status: "online",
  capabilities: ["GPU", "voice"],
  agents: ["scout", "writer"],
  labels: { region: "eu", Rack: "B2" },
  cpu: 0.29,
  mem: 0.5,
  disk: null,
  cpuCount: 8,
  memoryMb: 16000,
  schedulable: true,
  issues: [{ code: "memory_pressure" }],
};

describe("the table shared with the API", () => {
  test.each(CASES.matches)("%j matches", (text) => {
    expect(parseQuery(text).matches(NODE)).toBe(true);
  });

  test.each(CASES.misses)("%j does not match", (text) => {
    expect(parseQuery(text).matches(NODE)).toBe(false);
  });

  test.each(CASES.faults)("%j is refused and the term at fault is named", (text, term) => {
    const error = refusal(text);
    expect(error.term).toBe(term);
    expect(error.message).toContain(KEYS.join(", "));
  });
});

test.each(["cpu:>=0", "-cpu:>=0", "mem:1", "-disk:<1"])("%s matches no node that never reported it", (text) => {
  expect(parseQuery(text).matches({ ...NODE, cpu: null, mem: null, disk: null })).toBe(false);
});

test("a quote that is never closed is refused", () => {
  expect(refusal('edge name:"my node').term).toBe('"my node');
});

test("a filter on figures is known to change with every heartbeat", () => {
  expect(parseQuery("cap:gpu").live).toBe(false);
  expect(parseQuery("cap:gpu -cpu:>80").live).toBe(true);
});

function refusal(text: string): QueryError {
  try {
    parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) return error;
  }
  throw new Error(`${text} was not refused`);
}
