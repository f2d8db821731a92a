/** How long to wait before the next try: 1 s, doubled up to 30 s, and never the same for two, lest they come as a herd. */
const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

export class Backoff {
  private tries = 0;

  constructor(private readonly random: () => number = Math.random) {}

  next(): number {
    const ceiling = Math.min(FIRST_MS * 2 ** this.tries, LONGEST_MS);
    this.tries += 1;
    return Math.max(FIRST_MS, Math.round(ceiling * (0.5 + this.random() / 2)));
  }

  reset(): void {
    this.tries = 0;
  }
}
