import { describe, expect, it } from "vitest";
import { type BulkProgress, runBulk } from "../src/lib/bulk";
import { Selection } from "../src/lib/selection";

describe("an act on many nodes", () => {
  it("runs a few at a time, goes on after a failure and names its node", async () => {
    const ids = Array.from({ length: 11 }, (_, number) => `n${number}`);
    const seen: BulkProgress[] = [];
    let running = 0;
    let most = 0;
    const act = async (id: string) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      if (id === "n3") throw new Error("The node is busy");
    };
    const end = await runBulk(ids, act, (progress) => seen.push(progress));
    expect(most).toBe(4);
    expect(end).toEqual({ done: 11, of: 11, failures: [{ id: "n3", sentence: "The node is busy" }] });
    expect(seen.map(({ done }) => done)).toEqual(ids.map((_, index) => index + 1));
  });
});

describe("the selection", () => {
  it("is extended from the last toggled node in the shown order, both ways", () => {
    const selection = new Selection();
    selection.toggle("c");
    selection.extend("a", ["a", "b", "c", "d"]);
    expect([...selection.ids].sort()).toEqual(["a", "b", "c"]);
    selection.extend("d", ["a", "b", "c", "d"]);
    expect(selection.ids.size).toBe(4);
  });

  it("toggles a node when the last one is not shown any more", () => {
    const selection = new Selection();
    selection.toggle("gone");
    selection.extend("b", ["a", "b"]);
    expect([...selection.ids]).toEqual(["gone", "b"]);
  });
});
