/** One connection to the live stream, kept up: comes back after any failure with the position where it was. */
import { CLUSTER } from "./api";
import { Backoff } from "./backoff";
import { type SseMessage, SseParser } from "./sse";

export const SILENCE_MS = 45_000;
const OPEN_WITHIN_MS = 15_000;

export type LinkState =
  | { kind: "connecting" }
  | { kind: "live"; delayed: boolean }
  | { kind: "waiting"; retryAt: number }
  | { kind: "stale" }
  | { kind: "paused" }
  | { kind: "signed-out" };

export interface StreamMessage {
  event: string;
  /** JSON as it came: cheaper to hand to other tabs than what is read from it. */
  data: string;
  /** Where the stream is after this message; null when the message does not move it. */
  position: string | null;
}

export interface ConnectionEvents {
  message(message: StreamMessage): void;
  state(state: LinkState): void;
}

class SignedOut extends Error {}
class Silent extends Error {}

export class Connection {
  position = "";
  private readonly backoff = new Backoff();
  private attempt: AbortController | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: ConnectionEvents) {}

  get open(): boolean {
    return this.attempt !== null;
  }

  /** Connect, or try again at once when waiting. */
  connect(): void {
    clearTimeout(this.retryTimer);
    if (this.attempt) return;
    this.attempt = new AbortController();
    void this.run(this.attempt);
  }

  close(state: LinkState = { kind: "paused" }): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.silenceTimer);
    this.attempt?.abort();
    this.attempt = null;
    this.events.state(state);
  }

  private async run(attempt: AbortController): Promise<void> {
    try {
      await this.read(attempt);
      this.lost(attempt, null);
    } catch (failure) {
      this.lost(attempt, attempt.signal.reason ?? failure);
    }
  }

  private async read(attempt: AbortController): Promise<void> {
    this.expectNoise(attempt, OPEN_WITHIN_MS);
    const query = new URLSearchParams({ view: "patch" });
    if (this.position) query.set("position", this.position);
    const response = await fetch(`${CLUSTER}/stream?${query}`, {
      headers: { Accept: "text/event-stream" },
      cache: "no-store",
      signal: attempt.signal,
    });
    if (response.status === 401) throw new SignedOut();
    if (!response.ok || !response.body) throw new Error(`the stream answered ${response.status}`);
    this.events.state({ kind: "live", delayed: false });
    const parser = new SseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      this.expectNoise(attempt, SILENCE_MS);
      this.backoff.reset();
      for (const message of parser.push(piece.value)) this.take(message);
    }
  }

  private take(message: SseMessage): void {
    if (message.id) this.position = message.id;
    this.events.message({ event: message.event, data: message.data, position: message.id });
  }

  /** A sleeping machine leaves an open socket that nobody answers: silence ends it. */
  private expectNoise(attempt: AbortController, within: number): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => attempt.abort(new Silent()), within);
  }

  private lost(attempt: AbortController, failure: unknown): void {
    if (this.attempt !== attempt) return; // closed on purpose meanwhile
    clearTimeout(this.silenceTimer);
    this.attempt = null;
    if (failure instanceof SignedOut) {
      this.events.state({ kind: "signed-out" });
    } else if (failure instanceof Silent) {
      this.events.state({ kind: "stale" });
      this.retryTimer = setTimeout(() => this.connect(), 0);
    } else {
      const wait = this.backoff.next();
      this.events.state({ kind: "waiting", retryAt: Date.now() + wait });
      this.retryTimer = setTimeout(() => this.connect(), wait);
    }
  }
}
