import { afterEach, expect, test, vi } from "vitest";
import { Fleet } from "../src/lib/fleet";
import { type Choice, EVERYTHING, FleetView } from "../src/lib/fleet-view";
import { Beat, type NodePatch, recall } from "../src/lib/node";
import { wireNode } from "./nodes";

afterEach(() => {
  vi.useRealTimers();
});

function patch(id: string, said: Partial<NodePatch> = {}): NodePatch {
  return { id, cpu: 0.5, mem: 0.25, agents: 0, status: "online", seen: 1_800_000_000, ...said };
}

/** A fleet whose changes are applied when the test says so. */
function fleetOf(...ids: string[]): Fleet {
  const fleet = new Fleet(() => {});
  fleet.load(ids.map((id) => wireNode(id)));
  return fleet;
}

/** The same fleet, counted from the beginning. */
function recounted(fleet: Fleet) {
  const up = [...fleet.nodes.values()].filter((node) => node.status !== "offline");
  return {
    nodes: fleet.nodes.size,
    cpus: up.reduce((sum, node) => sum + node.cpuCount, 0),
    agents: new Set(up.flatMap((node) => node.agents)).size,
    busy: up.reduce((sum, node) => sum + (node.cpu ?? 0) * node.cpuCount, 0),
  };
}

test("of many patches for a node only the last is applied, in one go", () => {
  const fleet = fleetOf("a", "b");
  let flushes = 0;
  fleet.subscribe(() => {
    flushes += 1;
  });
  for (const cpu of [0.1, 0.2, 0.9]) fleet.patch(patch("a", { cpu }));
  fleet.patch(patch("b"));
  fleet.flush();
  expect(fleet.nodes.get("a")?.cpu).toBe(0.9);
  expect(flushes).toBe(1);
});

test("figures leave the statuses alone", () => {
  const fleet = fleetOf("a", "b");
  const grownBy = (change: () => void): number => {
    const before = fleet.statusVersion;
    change();
    fleet.flush();
    return fleet.statusVersion - before;
  };
  expect(grownBy(() => fleet.patch(patch("a", { cpu: 0.9 })))).toBe(0);
  expect(grownBy(() => fleet.patch(patch("a", { status: "degraded" })))).toBe(1);
  expect(grownBy(() => fleet.put({ ...wireNode("a"), removed: true }))).toBe(1);
});

test("totals kept while things change are those of a fresh count", () => {
  const fleet = fleetOf("a", "b", "c");
  fleet.put(wireNode("a", { agents: ["x", "y"], cpuCount: 4 }));
  fleet.put(wireNode("b", { agents: ["y", "z"] }));
  fleet.flush();
  fleet.patch(patch("a", { status: "offline" }));
  fleet.patch(patch("b", { status: "degraded", cpu: 0.75 }));
  fleet.put({ ...wireNode("c"), removed: true });
  fleet.put(wireNode("d", { cpuCount: 32 }));
  fleet.flush();
  const { nodes, cpus, agents, busyCpus, byStatus } = fleet.totals;
  expect({ nodes, cpus, agents, busy: busyCpus }).toEqual(recounted(fleet));
  expect(byStatus).toEqual({ online: 1, degraded: 1, offline: 1 });
});

test("an agent on two nodes counts once, until both are down", () => {
  const fleet = fleetOf();
  fleet.load([wireNode("a", { agents: ["x"] }), wireNode("b", { agents: ["x"] })]);
  expect(fleet.totals.agents).toBe(1);
  fleet.patch(patch("a", { status: "offline" }));
  fleet.flush();
  expect(fleet.totals.agents).toBe(1);
  fleet.patch(patch("b", { status: "offline" }));
  fleet.flush();
  expect(fleet.totals.agents).toBe(0);
});

test("a patch after a whole node in the same go is the newer one", () => {
  const fleet = fleetOf("a");
  fleet.put(wireNode("a", { name: "renamed" }));
  fleet.patch(patch("a", { cpu: 0.9 }));
  fleet.flush();
  expect(fleet.nodes.get("a")).toMatchObject({ name: "renamed", cpu: 0.9 });
});

test("a patch for a node that nobody knows is nothing", () => {
  const fleet = fleetOf("a");
  fleet.patch(patch("ghost"));
  fleet.flush();
  expect([...fleet.nodes.keys()]).toEqual(["a"]);
});

test("loading again keeps what is remembered of a node and drops what is gone", () => {
  const fleet = fleetOf("a", "b");
  fleet.patch(patch("a", { status: "degraded" }));
  fleet.flush();
  fleet.load([wireNode("a", { lastHeartbeat: "2027-01-15T08:00:00.000Z", status: "degraded" })]);
  expect([...fleet.nodes.keys()]).toEqual(["a"]);
  expect(fleet.nodes.get("a")?.beats.at(-1)).toBe(Beat.Degraded);
  expect(fleet.nodes.get("a")?.beats.at(-2)).toBe(Beat.Received);
});

test("the worst stand first, then by name with numbers as numbers", () => {
  const fleet = new Fleet(() => {});
  fleet.load([
    wireNode("n-10"),
    wireNode("n-9"),
    wireNode("sick", { status: "degraded" }),
    wireNode("gone", { status: "offline" }),
  ]);
  expect(new FleetView(fleet).rows.map((node) => node.id)).toEqual(["gone", "sick", "n-9", "n-10"]);
});

test("the order is held while the list is in use, and caught up afterwards", () => {
  const fleet = fleetOf("a", "b", "c");
  const view = new FleetView(fleet);
  view.follow();
  const order = () => view.rows.map((node) => node.id);
  view.hold(true);
  fleet.patch(patch("c", { status: "offline" }));
  fleet.put({ ...wireNode("a"), removed: true });
  fleet.flush();
  expect(order()).toEqual(["b", "c"]);
  expect(view.paused).toBe(true);
  view.hold(false);
  expect(order()).toEqual(["c", "b"]);
  expect(view.paused).toBe(false);
});

test("rows are arranged at most once a second, and what came last is not forgotten", () => {
  vi.useFakeTimers();
  const fleet = fleetOf("a", "b");
  const view = new FleetView(fleet, { ...EVERYTHING, sort: { key: "cpu", reversed: false } });
  view.follow();
  const heat = (id: string, cpu: number) => {
    fleet.patch(patch(id, { cpu }));
    fleet.flush();
  };
  vi.advanceTimersByTime(500);
  heat("b", 0.9);
  expect(view.rows[0]?.id).toBe("a");
  vi.advanceTimersByTime(500);
  expect(view.rows[0]?.id).toBe("b");
  vi.advanceTimersByTime(5000);
  heat("a", 0.95);
  expect(view.rows[0]?.id, "after a calm second at once").toBe("a");
});

test("an order that comes due while the list is in use waits", () => {
  vi.useFakeTimers();
  const fleet = fleetOf("a", "b");
  const view = new FleetView(fleet);
  view.follow();
  fleet.patch(patch("b", { status: "offline" }));
  fleet.flush();
  view.hold(true);
  vi.advanceTimersByTime(5000);
  expect(view.rows[0]?.id).toBe("a");
  expect(view.paused).toBe(true);
  view.hold(false);
  expect(view.rows[0]?.id).toBe("b");
});

test("rows arranged bit by bit are those of a fresh view", () => {
  let now = 0;
  const fleet = fleetOf(...Array.from({ length: 50 }, (_, index) => `n-${index}`));
  const choice: Choice = { ...EVERYTHING, matches: ({ cpu }) => (cpu ?? 0) < 0.8, live: true };
  const view = new FleetView(fleet, choice, () => now);
  view.follow();
  for (let step = 0; step < 200; step += 1) {
    now += 1000;
    const id = `n-${(step * 7) % 60}`;
    if (step % 5 === 0) fleet.put({ ...wireNode(id), removed: true });
    else if (step % 5 === 1) fleet.put(wireNode(id, { name: `renamed ${step}`, status: "degraded" }));
    else fleet.patch(patch(id, { cpu: (step % 10) / 10, status: step % 3 === 0 ? "offline" : "online" }));
    fleet.flush();
  }
  expect(view.rows).toEqual(new FleetView(fleet, choice).rows);
});

test("a view that nobody follows any more does nothing", () => {
  let now = 0;
  const fleet = fleetOf("a", "b");
  const view = new FleetView(fleet, EVERYTHING, () => now);
  view.follow()();
  now = 5000;
  fleet.patch(patch("b", { status: "offline" }));
  fleet.flush();
  expect(view.rows[0]?.id).toBe("a");
  view.follow();
  expect(view.rows[0]?.id, "caught up when it is followed again").toBe("b");
});

test("an older past stands before what this page has seen itself", () => {
  const fleet = fleetOf("a");
  fleet.patch(patch("a", { cpu: 0.75 }));
  fleet.flush();
  const node = fleet.nodes.get("a");
  if (!node) throw new Error("no node");
  recall(node, [0.125, null, 0.25]);
  expect([...node.cpuHistory.slice(-5)]).toEqual([0.125, Number.NaN, 0.25, 0.5, 0.75]);
  recall(node, Array<number>(100).fill(1));
  expect(node.cpuHistory[0]).toBe(1);
  expect(node.cpuHistory.at(-1)).toBe(0.75);
});

test("a node that is found offline shows the heartbeats it missed", () => {
  const heard = new Date(Date.now() - 95_000).toISOString();
  const fleet = new Fleet(() => {});
  fleet.load([wireNode("gone", { status: "offline", lastHeartbeat: heard })]);
  const beats = [...(fleet.nodes.get("gone")?.beats ?? [])];
  expect(beats.filter((beat) => beat === Beat.Missed)).toHaveLength(3);
  expect(beats[0]).toBe(Beat.Unknown);
});

test("nodes that were not heard yet are counted until they are", () => {
  const fleet = new Fleet();
  fleet.load([
    wireNode("a"),
    wireNode("b", { status: "offline", statusReason: "never_seen" }),
    wireNode("c", { status: "offline", statusReason: "silent" }),
  ]);
  expect(fleet.totals.unheard).toBe(1);
  fleet.put(wireNode("b"));
  fleet.flush();
  expect(fleet.totals.unheard).toBe(0);
});
