/** Nodes on demand, as the API tells of them. */
import type { Node } from "../src/lib/types";

export function wireNode(id: string, said: Partial<Node> = {}): Node {
  return {
    nodeId: id,
    name: id,
    host: "10.0.0.1",
    port: 3101,
    url: "http://10.0.0.1:3101",
    platform: "linux",
    arch: "x86_64",
    cpuCount: 8,
    memoryMb: 16000,
    version: "0.1.0",
    agents: [],
    capabilities: [],
    status: "online",
    registeredAt: "2026-11-24T12:00:00.000Z",
    lastHeartbeat: "2026-11-24T12:00:30.000Z",
    metadata: { cpuUsage: 0.5, memoryUsage: 0.25 },
    statusReason: "heartbeat",
    seen: true,
    issues: [],
    diskUsage: null,
    loadAverage: null,
    labels: {},
    schedulable: true,
    cordon: null,
    managed: true,
    ...said,
  };
}
