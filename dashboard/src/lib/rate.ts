/** How many things happen per second, over windows of two seconds. */
const WINDOW_MS = 2000;

export class RateMeter {
  private counted = 0;
  private last = 0;
  private since: number;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.since = now();
  }

  count(): void {
    this.roll();
    this.counted += 1;
  }

  /** Of the last full window; 0 when nothing has happened for two windows. */
  get perSecond(): number {
    this.roll();
    return this.last;
  }

  private roll(): void {
    const passed = this.now() - this.since;
    if (passed < WINDOW_MS) return;
    this.last = passed < 2 * WINDOW_MS ? Math.round(this.counted / (passed / 1000)) : 0;
    this.counted = 0;
    this.since = this.now();
  }
}
