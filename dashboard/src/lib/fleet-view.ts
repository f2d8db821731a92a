/** The rows of one page: filtered, in order, and held still while somebody points at them. */
import { ALL, type NodeTest } from "./filter";
import type { Fleet, FleetChange } from "./fleet";
import type { FleetNode, Status } from "./node";
import { type Sort, sortNodes } from "./order";

const SORT_AGAIN_MS = 1000;

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
  private choice: Choice = EVERYTHING;
  private held = false;
  private arrangedAt = 0;
  private version = 0;
  private readonly listeners = new Set<() => void>();
  private readonly stop: () => void;

  constructor(
    private readonly fleet: Fleet,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.stop = fleet.onChange(this.take);
    this.arrange();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getVersion = (): number => this.version;

  close(): void {
    this.stop();
  }

  choose(choice: Choice): void {
    this.choice = choice;
    this.arrange();
  }

  /** Keep the order while the pointer or the focus is in the list. */
  hold(held: boolean): void {
    this.held = held;
    if (!held && this.paused) this.arrange();
  }

  private take = (change: FleetChange): void => {
    if (!this.outdatedBy(change)) return;
    if (this.held) {
      if (change.membership) this.dropRemoved();
      this.paused = true;
      this.announce();
    } else {
      this.arrange();
    }
  };

  private outdatedBy({ membership, status }: FleetChange): boolean {
    if (membership) return true;
    const { sort, statuses, live } = this.choice;
    if (status && (sort.key === "status" || statuses.size > 0 || live)) return true;
    const moving = live || (sort.key !== "status" && sort.key !== "name");
    return moving && this.now() - this.arrangedAt >= SORT_AGAIN_MS;
  }

  private arrange(): void {
    const { matches, statuses, sort } = this.choice;
    const rows: FleetNode[] = [];
    for (const node of this.fleet.nodes.values()) {
      if ((statuses.size === 0 || statuses.has(node.status)) && matches(node)) rows.push(node);
    }
    this.rows = sortNodes(rows, sort);
    this.arrangedAt = this.now();
    this.paused = false;
    this.announce();
  }

  private dropRemoved(): void {
    this.rows = this.rows.filter((node) => this.fleet.nodes.has(node.id));
  }

  private announce(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
