import { expect, test } from "vitest";
import { actionWords, detailWords, nodeOf, targetOf } from "../src/pages/audit/audit-words";

const ID = "405b9150-6d44-423c-95f2-af2f45387ecd";

test("an action without words of its own is shown as it is", () => {
  expect(actionWords("node.remove")).toBe("Remove a node");
  expect(actionWords("job.deploy")).toBe("Deploy over SSH");
  expect(actionWords("DELETE /api/users/<id>")).toBe("DELETE /api/users/<id>");
});

test.each([
  ["node.remove", "gpu-01", "gpu-01"],
  ["waiting-room.admit", "gpu-01", "gpu-01"],
  ["waiting-room.open", "", null],
  ["user.create", "mara", null],
])("%s of %j is about the node %s", (action, target, node) => expect(nodeOf({ action, target })).toBe(node));

test("a target is shown unless the action says it already", () => {
  expect(targetOf({ action: "user.create", target: "mara" })).toBe("mara");
  expect(targetOf({ action: "token.create", target: ID })).toBe("405b9150");
  expect(targetOf({ action: "DELETE /api/session", target: "/api/session" })).toBeNull();
});

test("particulars are one line of words", () => {
  const detail = { namePattern: "gpu-*", uses: 1, replace: false, note: "", joinToken: ID };
  expect(detailWords(detail)).toBe("name pattern gpu-*, uses 1, join token 405b9150");
  expect(detailWords({ reason: "This needs the admin role" })).toBe("This needs the admin role");
  expect(detailWords({ role: ["viewer", "admin"] })).toBe('role ["viewer","admin"]');
});
