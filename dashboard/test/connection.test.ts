import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection, type LinkState, SILENCE_MS, type StreamMessage } from "../src/lib/connection";

/** A control plane whose streams the test writes. */
class FakeServer {
  readonly asked: URL[] = [];
  status = 200;
  private writer: ReadableStreamDefaultController<Uint8Array> | null = null;

  fetch = async (address: string, init: RequestInit): Promise<Response> => {
    this.asked.push(new URL(address, "http://control.plane"));
    if (this.status !== 200) return new Response(null, { status: this.status });
    const body = new ReadableStream<Uint8Array>({
      start: (writer) => {
        this.writer = writer;
        init.signal?.addEventListener("abort", () => writer.error(init.signal?.reason));
      },
    });
    return new Response(body, { status: 200 });
  };

  say(text: string): void {
    this.writer?.enqueue(new TextEncoder().encode(text));
  }

  hangUp(): void {
    this.writer?.close();
  }
}

const server = { current: new FakeServer() };
const states: LinkState[] = [];
const messages: StreamMessage[] = [];
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  states.length = 0;
  messages.length = 0;
  server.current = new FakeServer();
  vi.stubGlobal("fetch", (address: string, init: RequestInit) => server.current.fetch(address, init));
  connection = new Connection({
    message: (message) => messages.push(message),
    state: (state) => states.push(state),
  });
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settle = () => vi.advanceTimersByTimeAsync(0);
const kinds = () => states.map((state) => state.kind);

test("it comes back after a hang-up, with the position where it was", async () => {
  connection.connect();
  await settle();
  server.current.say("id: 7-1\nevent: patch\ndata: []\n\n");
  await settle();
  server.current.hangUp();
  await settle();
  expect(kinds()).toEqual(["live", "waiting"]);
  await vi.advanceTimersByTimeAsync(1500);
  expect(server.current.asked[1]?.searchParams.get("position")).toBe("7-1");
  expect(kinds()).toEqual(["live", "waiting", "live"]);
  expect(messages.map(({ event }) => event)).toEqual(["patch"]);
});

test("a 502 is survived: it goes on trying until the server is back", async () => {
  server.current.status = 502;
  connection.connect();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(server.current.asked.length).toBeGreaterThan(3);
  server.current.status = 200;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(kinds().at(-1)).toBe("live");
});

test("an open socket that says nothing is stale and is left", async () => {
  connection.connect();
  await settle();
  server.current.say("event: ping\ndata: {}\n\n");
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 1000);
  expect(kinds()).toEqual(["live"]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(kinds()).toEqual(["live", "stale", "live"]);
  expect(server.current.asked.length).toBe(2);
});

test("without a session it says so, and does not knock again", async () => {
  server.current.status = 401;
  connection.connect();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(kinds()).toEqual(["signed-out"]);
  expect(server.current.asked.length).toBe(1);
});

test("asked to connect while waiting, it does so at once", async () => {
  server.current.status = 502;
  connection.connect();
  await settle();
  server.current.status = 200;
  connection.connect();
  await settle();
  expect(kinds()).toEqual(["waiting", "live"]);
});
