import { expect, test } from "vitest";
import { onlyReachedHere } from "../src/lib/addresses";

test.each([
  ["curl -fsS http://127.0.0.1:3100/api | sh", "http://127.0.0.1:3100"],
  ["curl http://localhost:3100/x", "http://localhost:3100"],
  ["curl 'http://[::1]:3100/x'", "http://[::1]:3100"],
  ["curl https://muster.example.com/x", null],
  ["curl http://localhost.example.com/x", null],
  ["curl http://10.127.0.1/x", null],
])("of %j only this machine reaches %j", (text, address) => expect(onlyReachedHere(text)).toBe(address));
