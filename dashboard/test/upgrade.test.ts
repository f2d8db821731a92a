import { describe, expect, test } from "vitest";
import type { FleetNode } from "../src/lib/node";
import { canUpgrade, isOutdated } from "../src/lib/use-upgrade";

const HERE = { version: "2", sha256: "a".repeat(64), size: 1 };

function node(said: Partial<FleetNode>): FleetNode {
  return { managed: true, build: "b".repeat(64), status: "online", ...said } as FleetNode;
}

describe("an update is available", () => {
  test("for a daemon of another build", () => expect(isOutdated(node({}), HERE)).toBe(true));
  test("not for the same build", () => expect(isOutdated(node({ build: HERE.sha256 }), HERE)).toBe(false));
  test("not for a daemon that says no build", () => expect(isOutdated(node({ build: "" }), HERE)).toBe(false));
  test("not for agents that report themselves", () => expect(isOutdated(node({ managed: false }), HERE)).toBe(false));
  test("not while nobody knows what is here", () => expect(isOutdated(node({}), undefined)).toBe(false));
  test("but not to be had while the node is offline", () =>
    expect(canUpgrade(node({ status: "offline" }), HERE)).toBe(false));
});
