import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render } from "@testing-library/react";
import { Profiler } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fleet } from "../src/lib/fleet";
import type { NodePatch } from "../src/lib/node";
import { NodeTable } from "../src/pages/cluster/list/node-table";
import { wireNode } from "./nodes";

const IDS = Array.from({ length: 1000 }, (_, index) => `n-${String(index).padStart(4, "0")}`);
let drawn = 0;

beforeEach(() => {
  fleet.load(IDS.map((id) => wireNode(id)));
  drawTable();
});

afterEach(() => fleet.load([]));

function drawTable() {
  const rows = [...fleet.nodes.values()];
  const client = new QueryClient();
  client.setQueryData(["daemon-program"], { sha256: "0".repeat(64), version: "1.0.0", size: 1 });
  render(
    <Profiler
      id="table"
      onRender={() => {
        drawn += 1;
      }}
    >
      <QueryClientProvider client={client}>
        <NodeTable rows={rows} sort={{ key: "name", reversed: false }} onSort={() => {}} />
      </QueryClientProvider>
    </Profiler>,
  );
  drawn = 0;
}

function beat(...ids: string[]): void {
  act(() => {
    for (const id of ids) fleet.patch(patchOf(id));
    fleet.flush();
  });
}

function patchOf(id: string): NodePatch {
  return { id, cpu: 0.83, mem: 0.25, agents: 0, status: "online", seen: 1_800_000_000 };
}

/** Every row of which anything has changed meanwhile. */
async function touchedRows(act: () => void): Promise<Set<string>> {
  const seen: MutationRecord[] = [];
  const observer = new MutationObserver((records) => seen.push(...records));
  observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  act();
  await Promise.resolve();
  observer.disconnect();
  const rows = seen.map(({ target }) =>
    (target instanceof Element ? target : target.parentElement)?.closest("[role=row]"),
  );
  return new Set(rows.map((row) => row?.querySelector("[data-node]")?.textContent ?? "outside"));
}

test("of a large fleet only the rows near the window are drawn", () => {
  const rows = document.querySelectorAll("[data-node]");
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.length).toBeLessThan(60);
});

test("heartbeats of nodes that are not in view draw nothing", () => {
  beat(...IDS.slice(500));
  expect(drawn).toBe(0);
});

test("a heartbeat of a node in view draws its row and no other", async () => {
  expect(await touchedRows(() => beat("n-0002", ...IDS.slice(500)))).toEqual(new Set(["n-0002"]));
  expect(drawn).toBe(1);
});
