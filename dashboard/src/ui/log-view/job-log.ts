/** The log of a job in the page: a window of its lines, kept up by the stream, moved by fetching. */
import { api } from "../../lib/api";
import { JobStream } from "../../lib/job-stream";
import { JOBS } from "../../lib/jobs";
import type { Job, Log, LogLine } from "../../lib/types";
import { LogWindow } from "./log-window";

const TAIL = 1000;
const BEFORE_ANCHOR = 200;
const PAGE = 1000;
const DOWNLOAD_PAGE = 5000;

export class JobLog {
  readonly window = new LogWindow();
  live = false;
  fetching = false;
  /** Whether the view stays at the newest line; the window asks, since it may then give up the oldest. */
  following = true;
  private version = 0;
  private stream: JobStream | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly job: Job,
    private readonly onJob: (job: Job) => void,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getVersion = (): number => this.version;

  /** Begin with the newest lines, or around the line that somebody linked to. */
  async open(anchor: number | null): Promise<void> {
    const tail = Math.max(0, this.job.logLines - TAIL);
    this.window.load([], tail);
    if (anchor !== null && anchor <= tail) {
      const page = await this.page(Math.max(0, anchor - BEFORE_ANCHOR));
      this.window.load(page?.lines ?? [], page?.last ?? tail);
      this.changed();
    }
    if (!this.closed) this.follow(this.window.newest);
  }

  private closed = false;

  close(): void {
    this.closed = true;
    this.stream?.close();
  }

  fetchOlder = async (): Promise<void> => {
    if (!this.window.hasOlder) return;
    const after = Math.max(0, this.window.first - 1 - PAGE);
    const page = await this.page(after);
    if (!page) return;
    this.window.prepend(page.lines);
    this.changed();
  };

  fetchNewer = async (): Promise<void> => {
    if (this.window.atEnd) return;
    const page = await this.page(this.window.last);
    if (!page) return;
    this.window.extend(page.lines);
    this.changed();
  };

  /** To the newest lines at once, whatever lies between. */
  toEnd = async (): Promise<void> => {
    if (this.window.atEnd) return;
    const page = await this.page(Math.max(0, this.window.newest - TAIL));
    if (page) this.window.load(page.lines, page.last);
    this.changed();
  };

  /** Every line there is. */
  async all(): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for (;;) {
      const { lines: more } = await this.get(lines.at(-1)?.number ?? 0, DOWNLOAD_PAGE);
      lines.push(...more);
      if (more.length < DOWNLOAD_PAGE) return lines;
    }
  }

  private follow(after: number): void {
    this.stream = new JobStream(this.job.id, after, {
      job: this.onJob,
      lines: (lines) => {
        this.window.append(lines, !this.following);
        this.changed();
      },
      live: (live) => {
        this.live = live;
        this.changed();
      },
    });
    this.stream.start();
  }

  /** Null when it failed or another one is on its way: then nothing changes, lest who looks for more ask for ever. */
  private async page(after: number): Promise<Log | null> {
    if (this.fetching) return null;
    this.fetching = true;
    try {
      return await this.get(after, PAGE);
    } catch {
      return null; // what is shown stays; looking there again asks again
    } finally {
      this.fetching = false;
    }
  }

  private get(after: number, limit: number): Promise<Log> {
    return api<Log>(`${JOBS}/${encodeURIComponent(this.job.id)}/log?after=${after}&limit=${limit}`);
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
