import { afterEach, expect, test } from "vitest";
import { isPage, nextPath, signInPath, takeLinkToken } from "../src/lib/sign-in-path";

afterEach(() => history.replaceState(null, "", "/"));

test.each([
  ["?next=%2Foperations%2Fagents%3Fq%3Dgpu", "/operations/agents?q=gpu"],
  ["?ended=1&next=%2Faccess%2Fusers", "/access/users"],
  ["", "/"],
  ["?next=", "/"],
  ["?next=https%3A%2F%2Fevil.example", "/"],
  ["?next=%2F%2Fevil.example", "/"],
  ["?next=%2F%5Cevil.example", "/"],
  ["?next=%2F%09%2Fevil.example", "/"],
  ["?next=%2F.%2F%2Fevil.example", "/"],
  ["?next=javascript%3Aalert(1)", "/"],
  ["?next=%2Fsign-in%3Fnext%3D%2Fsign-in", "/"],
])("after signing in at %j one comes to %s", (search, path) => expect(nextPath(search)).toBe(path));

test("the way back survives the address of the sign-in page", () => {
  const from = "/operations/cluster?q=cap:gpu&view=table";
  const path = signInPath(from, true);
  expect(nextPath(path.slice(path.indexOf("?")))).toBe(from);
});

test.each([
  ["/", true],
  ["/operations/cluster?q=x", true],
  ["/api/docs/", false],
  ["/operationsx", false],
])("%s is a page of this app: %s", (path, is) => expect(isPage(path)).toBe(is));

test("home needs no way back", () => expect(signInPath("/", false)).toBe("/sign-in"));

test("the token of a link is in no address once it was read", () => {
  history.replaceState(null, "", "/sign-in?next=%2Faccess%2Fusers#msl_secret");
  expect(takeLinkToken()).toBe("msl_secret");
  expect(location.pathname + location.search + location.hash).toBe("/sign-in?next=%2Faccess%2Fusers");
  expect(takeLinkToken()).toBeNull();
});
