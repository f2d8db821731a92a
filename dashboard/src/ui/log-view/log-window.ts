/** The part of a log that the page holds: at most so many lines without a gap, somewhere between its first and its last. */
import type { LogLine } from "../../lib/types";

export const MOST_LINES = 10_000;

export class LogWindow {
  lines: readonly LogLine[] = [];
  /** The number of the newest line that is known to exist, here or not. */
  newest = 0;

  constructor(private readonly most: number = MOST_LINES) {}

  get first(): number {
    return this.lines[0]?.number ?? this.newest + 1;
  }

  get last(): number {
    return this.lines.at(-1)?.number ?? this.newest;
  }

  /** Whether the newest line is among those that are here. */
  get atEnd(): boolean {
    return this.last >= this.newest;
  }

  /** Whether all there is is here. */
  get whole(): boolean {
    return this.lines.length === this.newest;
  }

  get hasOlder(): boolean {
    return this.lines.length > 0 && this.first > 1;
  }

  /** Begin anew with these lines, of a log that ends at `newest`. */
  load(lines: readonly LogLine[], newest: number): void {
    this.newest = Math.max(newest, lines.at(-1)?.number ?? 0);
    this.lines = lines.slice(-this.most);
  }

  /** Lines that were just written. `reading`: the oldest are not given up for them, somebody is at them. */
  append(lines: readonly LogLine[], reading: boolean): void {
    const follows = this.atEnd;
    const fresh = lines.filter(({ number }) => number > this.newest);
    this.newest = Math.max(this.newest, fresh.at(-1)?.number ?? 0);
    if (!follows || fresh.length === 0) return;
    if (reading && this.lines.length + fresh.length > this.most) return;
    this.lines = [...this.lines, ...fresh].slice(-this.most);
  }

  /** Lines before the first one; those at the other end make room. */
  prepend(lines: readonly LogLine[]): void {
    const older = lines.filter(({ number }) => number < this.first);
    this.lines = [...older, ...this.lines].slice(0, this.most);
  }

  /** Lines after the last one that were left out before. */
  extend(lines: readonly LogLine[]): void {
    const later = lines.filter(({ number }) => number > this.last);
    this.newest = Math.max(this.newest, later.at(-1)?.number ?? 0);
    this.lines = [...this.lines, ...later].slice(-this.most);
  }
}
