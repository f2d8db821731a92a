/** Totals of the fleet, kept while nodes come, change and go: never counted again from the beginning. */
import { type FleetNode, isUp, type Status } from "./node";

export class Totals {
  nodes = 0;
  readonly byStatus: Record<Status, number> = { online: 0, degraded: 0, offline: 0 };
  /** CPUs, memory and agents count on nodes that are up; an agent on two nodes counts once. */
  cpus = 0;
  memoryMb = 0;
  /** Nodes that were never heard, or not since the control plane began to listen. */
  unheard = 0;
  /** Nodes that are up and run at least one agent. */
  agentNodes = 0;
  private busy = 0;
  private used = 0;
  private readonly holders = new Map<string, number>();

  get agents(): number {
    return this.holders.size;
  }

  get busyCpus(): number {
    return Math.max(0, this.busy);
  }

  get usedMemoryMb(): number {
    return Math.max(0, this.used);
  }

  get troubled(): number {
    return this.byStatus.degraded + this.byStatus.offline;
  }

  add(node: FleetNode): void {
    this.count(node, 1);
    if (isUp(node)) for (const agent of node.agents) this.holders.set(agent, (this.holders.get(agent) ?? 0) + 1);
  }

  subtract(node: FleetNode): void {
    this.count(node, -1);
    if (isUp(node)) for (const agent of node.agents) this.release(agent);
  }

  /** A node that keeps its agents and stays up or down: the case of nearly every heartbeat. */
  move(node: FleetNode, change: () => void): void {
    this.count(node, -1);
    change();
    this.count(node, 1);
  }

  private count(node: FleetNode, sign: 1 | -1): void {
    this.nodes += sign;
    this.byStatus[node.status] += sign;
    if (isUnheard(node)) this.unheard += sign;
    if (!isUp(node)) return;
    this.cpus += sign * node.cpuCount;
    this.memoryMb += sign * node.memoryMb;
    if (node.agents.length > 0) this.agentNodes += sign;
    this.busy += sign * (node.cpu ?? 0) * node.cpuCount;
    this.used += sign * (node.mem ?? 0) * node.memoryMb;
  }

  private release(agent: string): void {
    const left = (this.holders.get(agent) ?? 0) - 1;
    if (left > 0) this.holders.set(agent, left);
    else this.holders.delete(agent);
  }
}

function isUnheard({ status, reason }: FleetNode): boolean {
  return status === "offline" && (reason === "never_seen" || reason === "awaiting_heartbeat");
}
