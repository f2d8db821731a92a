/** A node as the page keeps it: the figures that change in place, and short memories for the small plots. */
import type { Cordon, Issue, Node as WireNode } from "./types";

export type Status = "online" | "degraded" | "offline";
export const STATUSES: readonly Status[] = ["online", "degraded", "offline"];

export const HISTORY_POINTS = 40;
export const BEATS = 12;
const USUAL_INTERVAL_S = 30;

/** One remembered heartbeat. */
export const Beat = { Unknown: 0, Missed: 1, Degraded: 2, Received: 3 } as const;

export interface FleetNode {
  readonly id: string;
  name: string;
  /** The name in the form that sorts: letter case ignored, numbers as numbers. */
  sortName: string;
  host: string;
  port: number;
  status: Status;
  reason: string;
  issues: readonly Issue[];
  platform: string;
  arch: string;
  cpuCount: number;
  memoryMb: number;
  version: string;
  /** The checksum of the program that its daemon runs from; empty when it does not say. */
  build: string;
  agents: readonly string[];
  capabilities: readonly string[];
  labels: Readonly<Record<string, string>>;
  schedulable: boolean;
  cordon: Cordon | null;
  managed: boolean;
  /** Shares from 0 to 1; null when never reported. */
  cpu: number | null;
  mem: number | null;
  disk: number | null;
  /** Epoch seconds; 0 when never seen. */
  seen: number;
  registered: number;
  /** Grows with every change, so that rows know when to draw again. */
  revision: number;
  cpuHistory: Float32Array;
  readonly beats: Uint8Array;
}

/** The thin form in which the stream tells of a heartbeat that changed figures only. */
export interface NodePatch {
  id: string;
  cpu: number;
  mem: number;
  agents: number;
  status: Status;
  seen: number;
}

export function isUp(node: FleetNode): boolean {
  return node.status !== "offline";
}

export function nodeFromWire(wire: WireNode): FleetNode {
  const node: FleetNode = {
    id: wire.nodeId,
    revision: 0,
    cpuHistory: new Float32Array(HISTORY_POINTS).fill(Number.NaN),
    beats: new Uint8Array(BEATS),
    ...wireFields(wire),
  };
  if (isUp(node)) remember(node);
  else rememberSilence(node);
  return node;
}

/** A newer whole form of a known node. */
export function updateFromWire(node: FleetNode, wire: WireNode): void {
  const heardAgain = epochSeconds(wire.lastHeartbeat) !== node.seen;
  const statusChanged = wire.status !== node.status;
  Object.assign(node, wireFields(wire));
  if (heardAgain || statusChanged) remember(node);
  node.revision += 1;
}

export function updateFromPatch(node: FleetNode, patch: NodePatch): void {
  node.cpu = patch.cpu;
  node.mem = patch.mem;
  node.status = patch.status;
  node.seen = patch.seen;
  remember(node);
  node.revision += 1;
}

/** Puts an older past (shares, null is a gap) before what this page has seen itself. */
export function recall(node: FleetNode, past: readonly (number | null)[]): void {
  node.cpuHistory = node.cpuHistory.slice(); // another line, to be drawn at once
  const unknown = node.cpuHistory.findIndex((value) => !Number.isNaN(value));
  const room = unknown < 0 ? node.cpuHistory.length : unknown;
  const older = past.slice(-room);
  older.forEach((value, index) => {
    node.cpuHistory[room - older.length + index] = value ?? Number.NaN;
  });
  node.revision += 1;
}

function wireFields(wire: WireNode) {
  return {
    name: wire.name,
    sortName: sortable(wire.name),
    host: wire.host,
    port: wire.port,
    status: wire.status,
    reason: wire.statusReason,
    issues: wire.issues,
    platform: wire.platform,
    arch: wire.arch,
    cpuCount: wire.cpuCount,
    memoryMb: wire.memoryMb,
    version: wire.version,
    build: typeof wire.metadata.build === "string" ? wire.metadata.build : "",
    agents: wire.agents,
    capabilities: wire.capabilities,
    labels: wire.labels,
    schedulable: wire.schedulable,
    cordon: wire.cordon,
    managed: wire.managed,
    cpu: share(wire.metadata.cpuUsage),
    mem: share(wire.metadata.memoryUsage),
    disk: wire.diskUsage,
    seen: epochSeconds(wire.lastHeartbeat),
    registered: epochSeconds(wire.registeredAt),
  };
}

function remember(node: FleetNode): void {
  if (node.reason === "never_seen" || node.seen === 0) return;
  push(node.cpuHistory, isUp(node) ? (node.cpu ?? Number.NaN) : 0);
  push(node.beats, beatOf(node.status));
}

/** A node that is found offline has missed all that was due since it was last heard. */
function rememberSilence(node: FleetNode): void {
  if (node.seen === 0) return;
  const missed = Math.max(1, Math.floor((Date.now() / 1000 - node.seen) / USUAL_INTERVAL_S));
  node.beats.fill(Beat.Missed, Math.max(0, BEATS - missed));
}

function beatOf(status: Status): number {
  if (status === "offline") return Beat.Missed;
  return status === "degraded" ? Beat.Degraded : Beat.Received;
}

function push(ring: Float32Array | Uint8Array, value: number): void {
  ring.copyWithin(0, 1);
  ring[ring.length - 1] = value;
}

/** Made once per change: comparing by locale would take a tenth of a second for ten thousand names. */
function sortable(name: string): string {
  return name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, "0"));
}

function share(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function epochSeconds(time: string): number {
  return time ? Math.round(Date.parse(time) / 1000) : 0;
}
