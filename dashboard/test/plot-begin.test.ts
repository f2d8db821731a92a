import { expect, test } from "vitest";
import { beginOf } from "../src/pages/node/use-metrics";

const hour = (at: number[], cpu: (number | null)[]) => ({ step: 60, from: 10_000, to: 13_600, at, cpu });

test("a plot of a young node begins a minute before its first figure", () => {
  expect(beginOf(hour([11_800, 11_860], [null, 0.5]), 11_900)).toBe(11_800);
});

test("at least five minutes are shown", () => {
  expect(beginOf(hour([13_560], [0.5]), 13_550)).toBe(13_300);
});

test("a silence of a node that was there before stays a gap", () => {
  expect(beginOf(hour([13_500], [0.5]), 4000)).toBe(10_000);
});

test("without any figure the registration counts", () => {
  expect(beginOf(hour([], []), 12_000)).toBe(11_940);
});
