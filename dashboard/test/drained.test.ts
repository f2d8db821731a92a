import { describe, expect, it } from "vitest";
import { sumOf } from "../src/lib/impact";
import type { Job, Part } from "../src/lib/types";
import { drainOf } from "../src/pages/node/drained";

function part(agentId: string, state: Job["state"], message: string | null = null, to = "n-2"): Part {
  return { agentId, state, message, target: { to } } as Part;
}

describe("a drain", () => {
  it("counts what was moved of all that were there, also those that cannot move", () => {
    const drained = drainOf({
      children: [part("a", "succeeded"), part("b", "running"), part("c", "failed", "pid 3 still runs")],
      result: { left: [{ agentId: "d", reason: "nobody registered it" }, { agentId: "c", reason: "twice told" }, 7] },
    });
    expect([drained.moved, drained.total]).toEqual([1, 4]);
    expect(drained.agents.map(({ agentId, said }) => [agentId, said])).toEqual([
      ["b", ""],
      ["c", "pid 3 still runs"],
      ["d", "nobody registered it"],
      ["a", ""],
    ]);
  });

  it("counts an agent once that was tried on several nodes, and tells of them", () => {
    const drained = drainOf({
      children: [
        part("a", "failed", "it is stopped"),
        part("a", "running", null, "n-3"),
        part("b", "failed", "it is stopped"),
        part("b", "failed", "it is stopped", "n-3"),
      ],
      result: { left: [{ agentId: "b", reason: "tried on n-2 and n-3: it is stopped" }] },
    });
    expect([drained.moved, drained.total]).toEqual([0, 2]);
    expect(drained.agents.map(({ agentId, said }) => [agentId, said])).toEqual([
      ["a", "to n-3, after it did not start on n-2"],
      ["b", "tried on n-2 and n-3: it is stopped"],
    ]);
  });

  it("says beforehand how many go elsewhere and how many fit nowhere", () => {
    const hit = (goesTo: string | null) => ({ agentId: "x", name: "x", goesTo, reason: "" });
    const one = { agents: [hit("n-2"), hit(null), hit(null)], hit: 3, fitNowhere: 1 };
    expect(sumOf([one, { agents: [hit("n-1")], hit: 1, fitNowhere: 0 }])).toEqual({ hit: 4, elsewhere: 2, nowhere: 1 });
  });
});
