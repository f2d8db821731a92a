import { expect, test } from "vitest";
import { tokenState } from "../src/pages/tokens/token-state";
import { bodyOf, checkToken } from "../src/pages/tokens/wanted-token";

const NOW = Date.parse("2026-11-24T12:00:00.000Z");
const LATER = "2026-11-24T12:00:01.000Z";
const PAST = "2026-11-24T12:00:00.000Z";

test.each([
  ["active", { expiresAt: LATER, revokedAt: null, usesLeft: 1 }],
  ["active", { expiresAt: null, revokedAt: null }],
  ["used up", { expiresAt: LATER, revokedAt: null, usesLeft: 0 }],
  ["expired", { expiresAt: PAST, revokedAt: null, usesLeft: 1 }],
  ["revoked", { expiresAt: LATER, revokedAt: PAST, usesLeft: 1 }],
] as const)("a token is %s with %j", (state, limits) => expect(tokenState(limits, NOW)).toBe(state));

const TYPED = { namePattern: "gpu-*", capabilities: "gpu, docker", uses: "3", minutes: "15", note: " Rack 3 " };

test("what was typed is what the API is asked for", () => {
  expect(checkToken(TYPED)).toEqual({});
  expect(bodyOf(TYPED)).toEqual({
    namePattern: "gpu-*",
    capabilities: ["gpu", "docker"],
    uses: 3,
    expiresInMinutes: 15,
    note: "Rack 3",
  });
});

test("an empty name and empty capabilities allow any", () => {
  expect(bodyOf({ ...TYPED, namePattern: " ", capabilities: " " })).toMatchObject({
    namePattern: "*",
    capabilities: null,
  });
});

test.each([
  ["namePattern", "gpu 1"],
  ["uses", "0"],
  ["uses", "1001"],
  ["minutes", "1441"],
  ["minutes", ""],
] as const)("%s %j is at fault, and only that", (field, value) => {
  expect(Object.keys(checkToken({ ...TYPED, [field]: value }))).toEqual([field]);
});
