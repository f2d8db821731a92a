import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Fleet } from "../src/lib/fleet";
import { anything, refetchOnChange } from "../src/lib/use-refetch-on-change";
import { wireNode } from "./nodes";

let fleet: Fleet;
let stop: () => void;
let asked: number;

beforeEach(() => {
  vi.useFakeTimers();
  fleet = new Fleet(() => {});
  asked = 0;
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

/** A list that takes so long to come. */
function watch(milliseconds: number): void {
  const refetch = async () => {
    asked += 1;
    await new Promise((done) => setTimeout(done, milliseconds));
  };
  stop = refetchOnChange(fleet, refetch, anything);
}

function change(): void {
  fleet.put(wireNode("a"));
  fleet.flush();
}

test("many changes are at most one fetch every two seconds", async () => {
  watch(0);
  for (let second = 0; second < 11; second += 1) {
    change();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect([4, 5]).toContain(asked);
});

test("a list that is slow to come is asked for less often, and never while it is on its way", async () => {
  watch(3000);
  for (let second = 0; second < 40; second += 1) {
    change();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(asked).toBe(2);
});

test("a change while the list is on its way is not lost", async () => {
  watch(1000);
  change();
  await vi.advanceTimersByTimeAsync(2500);
  change();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked).toBe(2);
});

test("nothing is fetched after the end", async () => {
  watch(0);
  change();
  stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toBe(0);
});
