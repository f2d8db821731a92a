import { expect, test } from "vitest";
import { Fleet } from "../src/lib/fleet";
import { EVERYTHING, FleetView } from "../src/lib/fleet-view";
import { Beat, type NodePatch, recall } from "../src/lib/node";
import { wireNode } from "./nodes";

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

test("a list sorted by a figure is sorted again at most once a second", () => {
  let now = 0;
  const fleet = fleetOf("a", "b");
  const view = new FleetView(fleet, () => now);
  view.choose({ ...EVERYTHING, sort: { key: "cpu", reversed: false } });
  const heat = (cpu: number) => {
    fleet.patch(patch("b", { cpu }));
    fleet.flush();
  };
  now = 500;
  heat(0.9);
  expect(view.rows[0]?.id).toBe("a");
  now = 1100;
  heat(0.95);
  expect(view.rows[0]?.id).toBe("b");
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
