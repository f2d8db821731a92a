/** The rows of one page: filtered, in order, and held still while somebody points at them. */
import { ALL, type NodeTest } from "./filter";
import type { Fleet, FleetChange } from "./fleet";
import type { FleetNode, Status } from "./node";
import { type Sort, sortNodes } from "./order";

/** Every row that moves is drawn anew: more often than this nobody could read it. */
const ARRANGE_EVERY_MS = 1000;

export interface Choice {
  matches: NodeTest;
  /** Whether the filter reads figures that change with every heartbeat. */
  live: boolean;
  statuses: ReadonlySet<Status>;
  sort: Sort;
}

export const EVERYTHING: Choice = {
  matches: ALL,
  live: false,
  statuses: new Set(),
  sort: { key: "status", reversed: false },
};

export class FleetView {
  rows: readonly FleetNode[] = [];
  /** A newer order is known but not shown, because the list is being used. */
  paused = false;
  private held = false;
  /** Changed since the rows were arranged: all others are still in the right place. */
  private moved = new Set<FleetNode>();
  private arrangedAt = 0;
  /** The fleet's version that is arranged here or has been heard of. */
  private known = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private version = 0;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly fleet: Fleet,
    private choice: Choice = EVERYTHING,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.arrangeAll();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getVersion = (): number => this.version;

  /** Keep up with the fleet; returns what ends it. */
  follow(): () => void {
    const stop = this.fleet.onChange(this.take);
    if (this.known !== this.fleet.getVersion()) this.arrangeAll();
    return () => {
      stop();
      this.cancel();
    };
  }

  choose(choice: Choice): void {
    if (choice === this.choice) return;
    this.choice = choice;
    this.arrangeAll();
  }

  /** Keep the order while the pointer or the focus is in the list. */
  hold(held: boolean): void {
    this.held = held;
    if (held && this.timer !== undefined) this.pause();
    else if (!held && this.paused) this.arrange();
  }

  private take = (change: FleetChange): void => {
    this.known = this.fleet.getVersion();
    for (const node of change.changed) this.moved.add(node);
    if (!this.outdatedBy(change)) return;
    if (!this.held) this.arrangeInTime();
    else if (change.membership) this.pauseWithoutRemoved();
    else this.pause();
  };

  private outdatedBy({ membership, status }: FleetChange): boolean {
    const { sort, statuses, live } = this.choice;
    if (membership || live) return true;
    if (status && (sort.key === "status" || statuses.size > 0)) return true;
    return sort.key !== "status" && sort.key !== "name";
  }

  /** At once after a calm second or where nothing can jump, else when the second is over. */
  private arrangeInTime(): void {
    const wait = this.arrangedAt + ARRANGE_EVERY_MS - this.now();
    if (wait <= 0 || this.rows.length === 0) this.arrange();
    else this.timer ??= setTimeout(this.arrange, wait);
  }

  private arrangeAll(): void {
    this.known = this.fleet.getVersion();
    this.moved = new Set(this.fleet.nodes.values());
    this.arrange();
  }

  private arrange = (): void => {
    const stay = this.rows.filter((node) => !this.moved.has(node) && this.isInFleet(node));
    const come = [...this.moved].filter((node) => this.isInFleet(node) && this.isChosen(node));
    // What stays is in order already: the sort passes over it once.
    const rows = sortNodes([...stay, ...come], this.choice.sort);
    this.moved.clear();
    this.arrangedAt = this.now();
    this.cancel();
    if (!this.paused && isSame(rows, this.rows)) return;
    this.paused = false;
    this.show(rows);
  };

  private isInFleet(node: FleetNode): boolean {
    return this.fleet.nodes.get(node.id) === node;
  }

  private isChosen(node: FleetNode): boolean {
    const { matches, statuses } = this.choice;
    return (statuses.size === 0 || statuses.has(node.status)) && matches(node);
  }

  private pause(): void {
    this.cancel();
    if (this.paused) return;
    this.paused = true;
    this.show(this.rows);
  }

  private pauseWithoutRemoved(): void {
    this.paused = true;
    this.show(this.rows.filter((node) => this.isInFleet(node)));
  }

  private cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private show(rows: readonly FleetNode[]): void {
    this.rows = rows;
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}

function isSame(rows: readonly FleetNode[], others: readonly FleetNode[]): boolean {
  return rows.length === others.length && rows.every((node, index) => node === others[index]);
}
