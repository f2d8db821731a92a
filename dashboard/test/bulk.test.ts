import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/lib/api";
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

  it("waits as long as it is told when there were too many, and then goes on", async () => {
    vi.useFakeTimers();
    const tried: string[] = [];
    const act = async (id: string) => {
      tried.push(id);
      if (tried.length === 1) throw new ApiError("Too many tries: wait 7 s", "too_many", 429, null, {}, 7);
    };
    const end = runBulk(["a"], act, () => {});
    await vi.advanceTimersByTimeAsync(6_900);
    expect(tried).toEqual(["a"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(await end).toEqual({ done: 1, of: 1, failures: [] });
    expect(tried).toEqual(["a", "a"]);
    vi.useRealTimers();
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
