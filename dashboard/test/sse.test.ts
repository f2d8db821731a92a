import { expect, test } from "vitest";
import { SseParser } from "../src/lib/sse";

const STREAM = 'retry: 1200\n\nid: 5-0\nevent: server\ndata: {"live":true}\n\n: comment\n\nevent: ping\ndata: {}\n\n';

test("messages come out whole, however the text was cut", () => {
  for (let cut = 1; cut < STREAM.length; cut += 1) {
    const parser = new SseParser();
    const messages = [...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))];
    expect(messages).toEqual([
      { event: "server", data: '{"live":true}', id: "5-0" },
      { event: "ping", data: "{}", id: null },
    ]);
  }
});

test("half a message is no message yet", () => {
  expect(new SseParser().push("event: patch\ndata: [")).toEqual([]);
});
