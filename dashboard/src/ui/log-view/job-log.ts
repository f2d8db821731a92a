/** The log of a job in the page: a window of its lines, kept up by the stream, moved by fetching. */
import { api } from "../../lib/api";
import { JobStream } from "../../lib/job-stream";
import { JOBS } from "../../lib/jobs";
import type { Job, Log, LogLine } from "../../lib/types";
import { LogWindow } from "./log-window";

const TAIL = 1000;
const BEFORE_ANCHOR = 200;
const PAGE = 1000;
const LARGE_PAGE = 5000;

export class JobLog {
  readonly window = new LogWindow();
  live = false;
  /** Whether the view stays at the newest line; the window asks, since it may then give up the oldest. */
  following = true;
  private version = 0;
  private fetching: Promise<unknown> | null = null;
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

  /** A line and those around it, wherever it is. */
  bring = async (number: number): Promise<void> => {
    while (this.fetching) await this.fetching;
    if (number >= this.window.first && number <= this.window.last) return;
    const page = await this.page(Math.max(0, number - BEFORE_ANCHOR));
    if (page) this.window.load(page.lines, page.last);
    this.changed();
  };

  /** Every line there is. */
  async all(): Promise<LogLine[]> {
    return (await fetchLines(this.job.id, {}, Number.POSITIVE_INFINITY)).lines;
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
    const fetching = fetchPage(this.job.id, { after, limit: PAGE }).catch(() => null); // looking there again asks again
    this.fetching = fetching;
    const page = await fetching;
    this.fetching = null;
    return page;
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}

/** All lines of a log that match, with how many there are; of very many the first `most`. */
export async function fetchLines(jobId: string, wanted: Wanted, most: number): Promise<Log> {
  const lines: LogLine[] = [];
  for (;;) {
    const page = await fetchPage(jobId, { ...wanted, after: lines.at(-1)?.number ?? 0, limit: LARGE_PAGE });
    lines.push(...page.lines);
    if (page.lines.length < LARGE_PAGE || lines.length >= most) return { ...page, lines };
  }
}

interface Wanted {
  q?: string;
  level?: "error";
}

function fetchPage(jobId: string, wanted: Wanted & { after: number; limit: number }): Promise<Log> {
  const query = Object.entries(wanted).map(([name, value]) => [name, String(value)]);
  return api<Log>(`${JOBS}/${encodeURIComponent(jobId)}/log?${new URLSearchParams(query)}`);
}
