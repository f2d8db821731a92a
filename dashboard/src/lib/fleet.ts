/** The live fleet, independent of React: changes gather, the last one wins, and all are applied in one go. */
import { type FleetNode, isUp, type NodePatch, nodeFromWire, updateFromPatch, updateFromWire } from "./node";
import { RateMeter } from "./rate";
import { Totals } from "./totals";
import type { Node as WireNode } from "./types";

const GATHER_MS = 250;

export type NodeMessage = WireNode & { event?: string; removed?: boolean };

/** What one flush has changed, so that whoever keeps an order knows whether it still holds. */
export interface FleetChange {
  changed: FleetNode[];
  membership: boolean;
  status: boolean;
}

interface Pending {
  whole?: NodeMessage;
  patch?: NodePatch;
}

type Schedule = (flush: () => void) => void;

/** Late enough to gather, and in step with the screen; a hidden page has no frames but still counts. */
const onNextFrame: Schedule = (flush) => {
  setTimeout(() => (document.hidden ? flush() : requestAnimationFrame(flush)), GATHER_MS);
};

export class Fleet {
  readonly nodes = new Map<string, FleetNode>();
  totals = new Totals();
  loaded = false;
  /** When the newest change was applied, epoch milliseconds. */
  changedAt = 0;
  private readonly rate = new RateMeter();
  /** Grows when a status changed or a node came or went. */
  statusVersion = 0;
  private version = 0;
  private scheduled = false;
  private readonly pending = new Map<string, Pending>();
  private readonly listeners = new Set<() => void>();
  private readonly changeListeners = new Set<(change: FleetChange) => void>();

  constructor(private readonly schedule: Schedule = onNextFrame) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getVersion = (): number => this.version;

  get updatesPerSecond(): number {
    return this.rate.perSecond;
  }

  /** Called after each flush, before React is. */
  onChange(listener: (change: FleetChange) => void): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  /** Replace everything; what is known of a node that stays (its short memories) is kept. */
  load(list: readonly WireNode[]): void {
    const known = new Map(this.nodes);
    this.nodes.clear();
    this.totals = new Totals();
    for (const wire of list) {
      const node = known.get(wire.nodeId) ?? nodeFromWire(wire);
      if (known.has(wire.nodeId)) updateFromWire(node, wire);
      this.nodes.set(node.id, node);
      this.totals.add(node);
    }
    this.loaded = true;
    this.announce({ changed: [...this.nodes.values()], membership: true, status: true });
  }

  put(message: NodeMessage): void {
    this.gather(message.nodeId, { whole: message });
  }

  patch(patch: NodePatch): void {
    this.gather(patch.id, { ...this.pending.get(patch.id), patch });
  }

  flush = (): void => {
    this.scheduled = false;
    const change: FleetChange = { changed: [], membership: false, status: false };
    for (const [id, pending] of this.pending) this.apply(id, pending, change);
    this.pending.clear();
    this.announce(change);
  };

  private gather(id: string, pending: Pending): void {
    this.rate.count();
    this.pending.set(id, pending);
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule(this.flush);
  }

  private apply(id: string, { whole, patch }: Pending, change: FleetChange): void {
    if (whole) this.applyWhole(id, whole, change);
    const node = this.nodes.get(id);
    if (!patch || !node) return;
    const before = node.status;
    const stays = isUp(node) === (patch.status !== "offline");
    if (stays) this.totals.move(node, () => updateFromPatch(node, patch));
    else this.replace(node, () => updateFromPatch(node, patch));
    change.status ||= before !== node.status;
    change.changed.push(node);
  }

  private applyWhole(id: string, wire: NodeMessage, change: FleetChange): void {
    const node = this.nodes.get(id);
    if (wire.removed) {
      if (!node) return;
      this.totals.subtract(node);
      this.nodes.delete(id);
      change.membership = true;
    } else if (node) {
      const before = node.status;
      this.replace(node, () => updateFromWire(node, wire));
      change.status ||= before !== node.status;
      change.changed.push(node);
    } else {
      const added = nodeFromWire(wire);
      this.nodes.set(id, added);
      this.totals.add(added);
      change.membership = true;
      change.changed.push(added);
    }
  }

  private replace(node: FleetNode, update: () => void): void {
    this.totals.subtract(node);
    update();
    this.totals.add(node);
  }

  private announce(change: FleetChange): void {
    this.version += 1;
    if (change.status || change.membership) this.statusVersion += 1;
    this.changedAt = Date.now();
    for (const listener of this.changeListeners) listener(change);
    for (const listener of this.listeners) listener();
  }
}

export const fleet = new Fleet();
