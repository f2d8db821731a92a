/** Brings the stream into the fleet: fetches the whole list when told to begin, and applies what came meanwhile. */
import { ApiError, api, CLUSTER, signedOut } from "./api";
import { type Fleet, fleet, type NodeMessage } from "./fleet";
import type { NodePatch } from "./node";
import { type Stream, stream } from "./stream";
import type { NodeList, Notice } from "./types";

type Apply = (fleet: Fleet) => void;

export class LiveFleet {
  /** Why the list could not be fetched; null when it was. */
  failure: ApiError | null = null;
  notices: readonly Notice[] = [];
  private waiting: Apply[] | null = null;
  private turn = 0;
  private started = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly fleet: Fleet,
    private readonly stream: Stream,
  ) {}

  start(): void {
    if (this.started) {
      this.stream.retryNow();
      return;
    }
    this.started = true;
    this.stream.on("begin", () => void this.fetchAll());
    this.stream.on("node", (node) => this.apply((fleet) => fleet.put(node as NodeMessage)));
    this.stream.on("patch", (patches) =>
      this.apply((fleet) => {
        for (const patch of patches as NodePatch[]) fleet.patch(patch);
      }),
    );
    this.stream.subscribe(() => {
      if (this.stream.state.kind === "signed-out") signedOut();
      // A replay does not tell to begin: a list that could not be fetched is fetched when the server is back.
      if (this.stream.state.kind === "live" && this.failure) void this.fetchAll();
    });
    this.stream.start();
  }

  /** Nobody is signed in any more. */
  stop(): void {
    this.stream.stop();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getFailure = (): ApiError | null => this.failure;
  getNotices = (): readonly Notice[] => this.notices;

  /** Fetch the whole list. What the stream tells meanwhile waits, so that nothing is lost between the two. */
  fetchAll = async (): Promise<void> => {
    this.turn += 1;
    const turn = this.turn;
    this.waiting = [];
    try {
      const list = await api<NodeList>(`${CLUSTER}/nodes`);
      if (turn !== this.turn) return;
      this.failure = null;
      this.notices = list.notices ?? [];
      this.fleet.load(list.nodes);
      this.applyWaiting();
    } catch (failure) {
      if (turn !== this.turn) return;
      this.failure = failure instanceof ApiError ? failure : new ApiError(String(failure), "unknown", 0);
      this.applyWaiting();
    }
    for (const listener of this.listeners) listener();
  };

  private apply(change: Apply): void {
    if (this.waiting) this.waiting.push(change);
    else change(this.fleet);
  }

  private applyWaiting(): void {
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const change of waiting) change(this.fleet);
  }
}

export const live = new LiveFleet(fleet, stream);
