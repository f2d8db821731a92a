/** The live stream of this browser: one connection, held by one tab and shared with all others. */
import { Connection, type LinkState, SILENCE_MS, type StreamMessage } from "./connection";

const NAME = "muster-stream";
const HIDDEN_MS = 60_000;

/** What tabs say to each other. */
type Told =
  | { kind: "message"; message: StreamMessage }
  | { kind: "state"; state: LinkState; build: string | null }
  | { kind: "hello" }
  | { kind: "who-is-there" }
  | { kind: "retry" };

type Listener = (data: unknown) => void;

export class Stream {
  state: LinkState = { kind: "connecting" };
  /** When live updates stopped, epoch milliseconds; null while they come. */
  pausedSince: number | null = null;
  /** The control plane runs a newer build than this page. */
  newBuild = false;
  private build: string | null = null;
  private leading = false;
  /** Another tab has said hello: only then is it worth telling everything. */
  private company = false;
  private begun = false;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private channel: BroadcastChannel | null = null;
  private readonly connection: Connection;
  private readonly stateListeners = new Set<() => void>();
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor() {
    this.connection = new Connection({
      message: (message) => {
        if (this.company) this.tell({ kind: "message", message });
        this.take(message);
      },
      state: (state) => {
        this.enter(state);
        this.tellState();
      },
    });
  }

  /** Open, or join the tab that has it open. */
  start(): void {
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => this.visibilityChanged());
    if ("locks" in navigator && "BroadcastChannel" in globalThis) this.join();
    else this.lead();
  }

  /** Hear messages of one kind. `begin` comes whenever everything has to be fetched anew. */
  on(event: string, listener: Listener): () => void {
    const heard = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, heard.add(listener));
    return () => heard.delete(listener);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  };

  getState = (): LinkState => this.state;

  retryNow(): void {
    if (this.leading) this.connection.connect();
    else this.tell({ kind: "retry" });
  }

  /** End with the session. The tab that holds the connection closes it; the others only show it. */
  stop(): void {
    if (this.leading) this.connection.close({ kind: "signed-out" });
  }

  /** Live is unknown until a tab that holds the connection speaks; the lock is ours when there is none. */
  private join(): void {
    this.channel = new BroadcastChannel(NAME);
    this.channel.onmessage = ({ data }: MessageEvent<Told>) => this.hear(data);
    this.tell({ kind: "hello" });
    void navigator.locks.request(NAME, () => {
      this.lead();
      return new Promise<never>(() => {}); // until this tab is gone
    });
  }

  private lead(): void {
    this.leading = true;
    clearTimeout(this.silenceTimer);
    this.tell({ kind: "who-is-there" });
    this.connection.connect();
  }

  private hear(told: Told): void {
    if (this.leading) {
      if (told.kind === "hello") {
        this.company = true;
        this.tellState();
      }
      if (told.kind === "retry") this.connection.connect();
      return;
    }
    if (told.kind === "who-is-there") this.tell({ kind: "hello" });
    else if (told.kind === "message") {
      this.expectNoise();
      this.take(told.message);
    } else if (told.kind === "state") {
      this.expectNoise();
      this.noteBuild(told.build);
      this.enter(told.state);
    }
  }

  private take({ event, data: text, position }: StreamMessage): void {
    const data: unknown = JSON.parse(text);
    if (position) this.connection.position = position;
    if (event === "server" || event === "reset") {
      const told = data as { live: boolean; build: string };
      this.noteBuild(told.build);
      this.enter({ kind: "live", delayed: !told.live });
      if (event === "reset" || position) this.begin();
    }
    this.emit(event, data);
  }

  private begin(): void {
    this.begun = true;
    this.emit("begin", null);
  }

  private emit(event: string, data: unknown): void {
    for (const listener of this.listeners.get(event) ?? []) listener(data);
  }

  private enter(state: LinkState): void {
    this.state = state;
    if (state.kind === "live") this.pausedSince = null;
    else if (state.kind !== "connecting") this.pausedSince ??= Date.now();
    for (const listener of this.stateListeners) listener();
    if (state.kind === "live" && !this.leading && !this.begun) this.begin();
  }

  private noteBuild(build: string | null): void {
    if (!build) return;
    this.newBuild ||= this.build !== null && this.build !== build;
    this.build = build;
  }

  private tell(told: Told): void {
    this.channel?.postMessage(told);
  }

  private tellState(): void {
    this.tell({ kind: "state", state: this.state, build: this.build });
  }

  private expectNoise(): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.enter({ kind: "stale" }), SILENCE_MS);
  }

  /** Without sharing, tabs that nobody sees give their connection back: a browser allows six per server. */
  private visibilityChanged(): void {
    clearTimeout(this.hiddenTimer);
    if (!document.hidden) this.retryNow();
    else if (!this.channel) this.hiddenTimer = setTimeout(() => this.connection.close(), HIDDEN_MS);
  }
}

export const stream = new Stream();
