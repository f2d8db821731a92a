import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { LogLine, Step } from "../src/lib/types";
import { parseAnsi } from "../src/ui/log-view/ansi";
import { findLines, joinFound, levelOf, lineLink, markFound, readLineLink } from "../src/ui/log-view/find";
import { Follow } from "../src/ui/log-view/follow";
import { neighbour } from "../src/ui/log-view/log-toolbar";
import { LogWindow } from "../src/ui/log-view/log-window";
import { type Row, rowsOf } from "../src/ui/log-view/rows";

/** Which lines are errors: the API's own tests walk it too. */
const CASES: { errors: string[]; others: string[] } = JSON.parse(
  readFileSync("../tests/unit/log_line_cases.json", "utf8"),
);
const line: LogLine = { number: 1, at: "2026-01-01T00:00:00.000Z", step: "probe", text: "" };

function lines(first: number, last: number, step = "probe"): LogLine[] {
  const count = Math.max(0, last - first + 1);
  return Array.from({ length: count }, (_, index) => ({
    number: first + index,
    at: "2026-01-01T00:00:00.000Z",
    step,
    text: `line ${first + index}`,
  }));
}

function numbers(window: LogWindow): [number, number] {
  return [window.first, window.last];
}

test("a window gives up its oldest lines while it follows", () => {
  const window = new LogWindow(100);
  window.append(lines(1, 80), false);
  window.append(lines(81, 130), false);
  expect(numbers(window)).toEqual([31, 130]);
  expect(window.hasOlder).toBe(true);
});

test("a full window keeps what somebody reads, and knows that there is more", () => {
  const window = new LogWindow(100);
  window.append(lines(1, 100), false);
  window.append(lines(101, 120), true);
  expect([numbers(window), window.newest, window.atEnd]).toEqual([[1, 100], 120, false]);
  window.append(lines(121, 130), true);
  expect([numbers(window), window.newest]).toEqual([[1, 100], 130]);
});

test("older and newer pages join without a gap or a double", () => {
  const window = new LogWindow(100);
  window.load(lines(151, 200), 200);
  window.prepend(lines(71, 170));
  expect([numbers(window), window.atEnd]).toEqual([[71, 170], false]);
  window.extend(lines(171, 200));
  expect([numbers(window), window.atEnd]).toEqual([[101, 200], true]);
  expect(window.lines.map(({ number }) => number)).toEqual(lines(101, 200).map(({ number }) => number));
});

test("lines that come twice are taken once", () => {
  const window = new LogWindow(100);
  window.append(lines(1, 10), false);
  window.append(lines(8, 12), false);
  expect(window.lines.length).toBe(12);
});

test("following ends with any movement upwards and comes back only at the bottom", () => {
  const follow = new Follow();
  follow.scrolled({ top: 500, height: 700, viewport: 200 }, true);
  follow.scrolled({ top: 460, height: 700, viewport: 200 }, true);
  expect(follow.on).toBe(false);
  follow.scrolled({ top: 480, height: 700, viewport: 200 }, true);
  expect(follow.on).toBe(false);
  follow.scrolled({ top: 500, height: 700, viewport: 200 }, true);
  expect(follow.on).toBe(true);
});

test("the first pixels of a wheel turned upwards do not count as the bottom", () => {
  const follow = new Follow();
  follow.scrolled({ top: 500, height: 700, viewport: 200 }, true);
  follow.stop();
  follow.scrolled({ top: 498, height: 700, viewport: 200 }, true);
  expect(follow.on).toBe(false);
});

test("a log that gets shorter, as when a step closes, is no wish to read", () => {
  const follow = new Follow();
  follow.scrolled({ top: 500, height: 700, viewport: 200 }, true);
  follow.scrolled({ top: 300, height: 500, viewport: 200 }, true);
  expect(follow.on).toBe(true);
});

test("a jump to a line near the end is no wish to follow", () => {
  const follow = new Follow();
  follow.stop();
  follow.scrolled({ top: 500, height: 700, viewport: 200 }, false);
  expect(follow.on).toBe(false);
});

test("terminal colours become names, other sequences vanish, markup stays text", () => {
  expect(parseAnsi("\u001b[1;31mbad\u001b[0m <b>not</b>\u001b[2K \u001b]0;title\u0007end")).toEqual([
    { text: "bad", look: ["red", "bold"] },
    { text: " <b>not</b>", look: [] },
    { text: " ", look: [] },
    { text: "end", look: [] },
  ]);
  expect(parseAnsi("\u001b[38;5;196mx\u001b[48;2;1;2;31my\u001b[92mz")).toEqual([
    { text: "x", look: [] },
    { text: "y", look: [] },
    { text: "z", look: ["green"] },
  ]);
});

test("what is found is marked, also across colours, and nothing of the text is lost", () => {
  const pieces = parseAnsi("one \u001b[31mtw\u001b[0mo three TWO");
  const marked = markFound(pieces, "two");
  expect(marked.map(({ text }) => text).join("")).toBe("one two three TWO");
  expect(marked.filter(({ found }) => found).map(({ text }) => text)).toEqual(["tw", "o", "TWO"]);
});

test("find goes round the ends", () => {
  const found = findLines(lines(1, 30), { text: "LINE 2", errorsOnly: false });
  expect(found.map(({ number }) => number)).toEqual([2, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
  const next = (at: number | null, step: number) => neighbour(found, at, step)?.number;
  expect([next(null, 1), next(29, 1), next(2, -1)]).toEqual([2, 2, 29]);
  expect(neighbour([], 3, 1)).toBeUndefined();
});

test("lines tell by themselves what they are", () => {
  expect(
    ["npm ERR! missing", "warning: disk", "$ make", "errorless", "0 errors", "ValueError: 3"].map(levelOf),
  ).toEqual(["error", "warning", "command", null, null, "error"]);
});

test("what came after the control plane looked is found here and counted once", () => {
  const told = { lines: lines(10, 12), last: 50, matched: 3 };
  const { lines: found, count } = joinFound(told, [...lines(11, 12), ...lines(51, 52)]);
  expect([found.map(({ number }) => number), count]).toEqual([[10, 11, 12, 51, 52], 5]);
});

describe("the table shared with the API", () => {
  test.each(CASES.errors)("%j is an error", (text) => {
    expect(findLines([{ ...line, text }], { text: "", errorsOnly: true })).toHaveLength(1);
  });

  test.each(CASES.others)("%j is none", (text) => {
    expect(findLines([{ ...line, text }], { text: "", errorsOnly: true })).toHaveLength(0);
  });
});

test("a link to lines is read back, in either order, and nothing else is", () => {
  expect([readLineLink(lineLink([12, 20])), readLineLink("#L7"), readLineLink("#L20-L12")]).toEqual([
    [12, 20],
    [7, 7],
    [12, 20],
  ]);
  expect([readLineLink("#L"), readLineLink("#L1-"), readLineLink("#content")]).toEqual([null, null, null]);
});

const STEPS = [step("connect", "succeeded"), step("probe", "failed", "no"), step("start", "skipped")];

function step(name: string, state: Step["state"], message = ""): Step {
  return { name, title: name, state, message, startedAt: null, finishedAt: null };
}

function shown(rows: readonly Row[]): string[] {
  return rows.map((row) => (row.kind === "line" ? String(row.line.number) : row.kind));
}

test("an open step shows its sentence and its lines, a closed one its heading", () => {
  const all = [...lines(1, 2, "connect"), ...lines(3, 4), ...lines(5, 5, "connect")];
  const rows = rowsOf({ steps: STEPS, lines: all, isOpen: ({ name }) => name === "probe", hasOlder: false });
  expect(shown(rows)).toEqual(["step", "step", "verdict", "3", "4", "step"]);
});

test("a sentence that stands above the log is not said in it again", () => {
  const open = { steps: STEPS, lines: lines(3, 3), isOpen: () => true, hasOlder: false };
  expect(shown(rowsOf({ ...open, told: "no" }))).toEqual(["step", "step", "3", "step"]);
  expect(shown(rowsOf({ ...open, told: "another" }))).toContain("verdict");
});

test("earlier lines are asked for where they would stand", () => {
  const open = (names: string[]) =>
    shown(rowsOf({ steps: STEPS, lines: lines(8, 9), isOpen: ({ name }) => names.includes(name), hasOlder: true }));
  expect(open(["probe"])).toEqual(["step", "step", "verdict", "older", "8", "9", "step"]);
  expect(open(["connect"])).toEqual(["step", "older", "step", "step"]);
  expect(open(["start"])).toEqual(["step", "step", "step"]);
});
