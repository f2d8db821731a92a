import { expect, test } from "vitest";
import { Backoff } from "../src/lib/backoff";

test("waits grow from one second to thirty and begin anew after success", () => {
  const backoff = new Backoff(() => 1);
  const waits = Array.from({ length: 7 }, () => backoff.next());
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  backoff.reset();
  expect(backoff.next()).toBe(1000);
});

test("two browsers that lost the same server do not come back together", () => {
  const [early, late] = [new Backoff(() => 0), new Backoff(() => 1)];
  for (let tries = 0; tries < 4; tries += 1) {
    early.next();
    late.next();
  }
  expect(late.next() - early.next()).toBe(8000);
});
