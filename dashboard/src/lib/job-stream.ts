/** The log of one job as it is written: comes back after any failure with the last line it had. */
import { CLUSTER, signedOut } from "./api";
import { Backoff } from "./backoff";
import { type SseMessage, SseParser } from "./sse";
import type { Job, LogLine } from "./types";

const SILENCE_MS = 45_000;

export interface JobStreamEvents {
  job(job: Job): void;
  lines(lines: readonly LogLine[]): void;
  /** Whether lines come at once now; when not, it is being tried again. */
  live(live: boolean): void;
}

export class JobStream {
  private readonly backoff = new Backoff();
  private attempt: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  constructor(
    private readonly jobId: string,
    private after: number,
    private readonly events: JobStreamEvents,
  ) {}

  start(): void {
    this.attempt = new AbortController();
    void this.run(this.attempt);
  }

  close(): void {
    this.over = true;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    this.attempt?.abort();
  }

  private async run(attempt: AbortController): Promise<void> {
    try {
      await this.read(attempt);
    } catch {
      // tried again below
    }
    clearTimeout(this.silence);
    if (this.over) return;
    this.events.live(false);
    this.timer = setTimeout(() => this.start(), this.backoff.next());
  }

  private async read(attempt: AbortController): Promise<void> {
    this.expectNoise(attempt);
    const path = `${CLUSTER}/jobs/${encodeURIComponent(this.jobId)}/log/stream?after=${this.after}`;
    const headers = { Accept: "text/event-stream" };
    const response = await fetch(path, { headers, cache: "no-store", signal: attempt.signal });
    if (response.status === 401) signedOut();
    if (response.status === 401 || response.status === 404) this.over = true;
    if (!response.ok || !response.body) throw new Error(`the log answered ${response.status}`);
    this.events.live(true);
    const parser = new SseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      this.expectNoise(attempt);
      this.backoff.reset();
      for (const message of parser.push(piece.value)) this.take(message);
    }
  }

  private take({ event, data }: SseMessage): void {
    if (this.over) return;
    const told = JSON.parse(data);
    if (event === "job") this.events.job(told as Job);
    if (event === "lines") this.takeLines((told as { lines: LogLine[] }).lines);
    if (event !== "end") return;
    this.events.job(told as Job);
    this.events.live(false);
    this.close();
  }

  private takeLines(lines: LogLine[]): void {
    const fresh = lines.filter(({ number }) => number > this.after);
    this.after = fresh.at(-1)?.number ?? this.after;
    this.events.lines(fresh);
  }

  private expectNoise(attempt: AbortController): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => attempt.abort(), SILENCE_MS);
  }
}
