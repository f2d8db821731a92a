import { expect, test } from "vitest";
import {
  formatAge,
  formatCountdown,
  formatCountOf,
  formatDuration,
  formatMemory,
  formatPlatform,
  formatShare,
  formatSpan,
} from "../src/lib/format";

test.each([
  [512, "512 MB"],
  [1024, "1 GB"],
  [1536, "1.5 GB"],
  [16384, "16 GB"],
  [1048576, "1.0 TB"],
])("%d MB reads %s", (mb, text) => expect(formatMemory(mb)).toBe(text));

test.each([
  [4, "4 s", "4s"],
  [754, "12 min", "12m"],
  [7300, "2 h", "2h"],
  [200000, "2 d", "2d"],
  [-3, "0 s", "0s"],
])("%d seconds read %s, or %s in a list", (seconds, long, short) => {
  expect([formatDuration(seconds), formatAge(seconds)]).toEqual([long, short]);
});

test("what is not known reads as a dash, not as zero", () => {
  expect([formatShare(null), formatShare(0)]).toEqual(["–", "0%"]);
});

test("one is singular", () => {
  expect([formatCountOf(1, "node"), formatCountOf(1204, "node")]).toEqual(["1 node", "1,204 nodes"]);
});

test("platforms are told in their usual short words", () => {
  expect([formatPlatform("linux", "x86_64"), formatPlatform("darwin", "arm64"), formatPlatform("", "")]).toEqual([
    "linux/x64",
    "darwin/arm64",
    "unknown",
  ]);
});

test.each([
  [0, "0 s"],
  [59.2, "1:00"],
  [45, "45 s"],
  [872, "14:32"],
  [3600, "1 h"],
  [200_000, "2 d"],
])("%d s are left as %s", (seconds, text) => expect(formatCountdown(seconds)).toBe(text));

test("a piece of work that took no time at all says so in milliseconds", () => {
  expect([formatSpan(0.012, true), formatSpan(0.8, true), formatSpan(0.012, false)]).toEqual(["12ms", "0.8s", "0s"]);
});
