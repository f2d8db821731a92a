import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/lib/api";
import { type BulkProgress, runBulk } from "../src/lib/bulk";
import { Selection } from "../src/lib/selection";

const NEVER = new AbortController().signal;

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
    const end = await runBulk(ids, act, (progress) => seen.push(progress), NEVER);
    expect(most).toBe(4);
    expect(end).toMatchObject({ done: 11, of: 11, failures: [{ id: "n3", sentence: "The node is busy" }], left: [] });
    expect(seen.map(({ done }) => done)).toEqual([...ids.map((_, index) => index + 1), 11]);
    expect(seen.map(({ ended }) => ended).lastIndexOf(false)).toBe(10);
  });

  it("waits as long as it is told when there were too many, and then goes on", async () => {
    vi.useFakeTimers();
    const tried: string[] = [];
    const act = async (id: string) => {
      tried.push(id);
      if (tried.length === 1) throw new ApiError("Too many tries: wait 7 s", "too_many", 429, null, {}, 7);
    };
    const seen: BulkProgress[] = [];
    const end = runBulk(["a"], act, (progress) => seen.push(progress), NEVER);
    await vi.advanceTimersByTimeAsync(6_900);
    expect(tried).toEqual(["a"]);
    expect((seen.at(-1)?.waitsUntil ?? 0) - Date.now()).toBe(100);
    await vi.advanceTimersByTimeAsync(200);
    expect(await end).toMatchObject({ done: 1, failures: [], waitsUntil: null, ended: true });
    expect(tried).toEqual(["a", "a"]);
    vi.useRealTimers();
  });

  it("says nothing of a wait any more once the longest one is over", async () => {
    vi.useFakeTimers();
    const waits: Record<string, number> = { a: 7, b: 3 };
    const act = async (id: string) => {
      const seconds = waits[id];
      delete waits[id];
      if (seconds) throw new ApiError("Too many", "too_many", 429, null, {}, seconds);
    };
    const seen: BulkProgress[] = [];
    const end = runBulk(["a", "b"], act, (progress) => seen.push(progress), NEVER);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(seen.at(-1)).toMatchObject({ done: 1, waitsUntil: Date.now() + 2_000 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await end).waitsUntil).toBeNull();
    vi.useRealTimers();
  });

  it("stops at once where it waits, begins nothing more, and names what it left alone", async () => {
    const stop = new AbortController();
    const tried: string[] = [];
    const act = async (id: string) => {
      tried.push(id);
      if (id !== "a") throw new ApiError("Too many tries", "too_many", 429, null, {}, 60);
    };
    const end = runBulk(
      ["a", "b", "c", "d", "e", "f"],
      act,
      ({ waitsUntil }) => waitsUntil && stop.abort(),
      stop.signal,
    );
    expect(await end).toMatchObject({ done: 1, ended: true, failures: [], left: ["b", "c", "d", "e", "f"] });
    expect(tried.length).toBeLessThan(6);
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
