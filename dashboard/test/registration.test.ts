import { expect, test } from "vitest";
import { checkRegistration, nodeIdFrom } from "../src/pages/cluster/add-node/registration";

test.each([
  ["Office Mac mini", "office-mac-mini"],
  ["  Zürich #2 ", "zurich-2"],
  ["10.0.0.5", "10.0.0.5"],
  ["…", ""],
])("%j makes the id %j", (name, id) => expect(nodeIdFrom(name)).toBe(id));

const GOOD = { name: "", host: "10.0.0.5", port: "3101", nodeId: "office" };

test("a whole registration has no fault", () => {
  expect(checkRegistration(GOOD)).toEqual({});
});

test.each([
  ["host", " "],
  ["port", "0"],
  ["port", "3101.5"],
  ["port", "x"],
  ["nodeId", "a"],
  ["nodeId", "-a"],
  ["nodeId", "a b"],
] as const)("%s %j is at fault, and only that", (field, value) => {
  expect(Object.keys(checkRegistration({ ...GOOD, [field]: value }))).toEqual([field]);
});
