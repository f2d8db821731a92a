import { expect, test } from "vitest";
import { inFours } from "../src/shell/account/in-fours";
import { checkPassword } from "../src/shell/account/password";

const GOOD = { current: "", next: "a long walk by the sea", repeated: "a long walk by the sea" };

test("a long password that was typed twice has no fault", () => {
  expect(checkPassword(GOOD, false)).toEqual({});
});

test.each([
  ["current", { current: "" }, true],
  ["next", { next: "elevenchars", repeated: "elevenchars" }, false],
  ["repeated", { repeated: "a long walk by the lake" }, false],
] as const)("%s is at fault, and only that", (field, part, hasPassword) => {
  expect(Object.keys(checkPassword({ ...GOOD, ...part }, hasPassword))).toEqual([field]);
});

test("a secret is read out in fours", () => expect(inFours("ABCDEFGHIJ")).toBe("ABCD EFGH IJ"));
