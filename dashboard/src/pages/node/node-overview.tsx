import { formatMemory, formatMoment, formatPlatform, formatShare } from "../../lib/format";
import type { FleetNode } from "../../lib/node";
import type { AgentDetails } from "../../lib/types";
import { Chips } from "../../ui/badge";
import { Beats } from "../../ui/beats";
import { Facts, Panel } from "../../ui/panel";
import { nodePath } from "../cluster/node-path";
import { AgentTable } from "./agent-table";
import { DaemonVersion } from "./daemon-version";
import { UsagePlot, useZoom } from "./node-metrics";
import styles from "./node-overview.module.css";
import { useMetrics } from "./use-metrics";

const HOUR = { seconds: 3600 };

/** The last hour, the agents, the machine: what one wants to know first. */
export function NodeOverview({ node, agents }: { node: FleetNode; agents: readonly AgentDetails[] | undefined }) {
  const metrics = useMetrics(node.id, HOUR);
  const zoom = useZoom(node.id);
  return (
    <div className={styles.overview}>
      <div className={styles.half}>
        <UsagePlot node={node} metrics={metrics.data} what="cpu" onZoom={zoom} />
        <UsagePlot node={node} metrics={metrics.data} what="memory" onZoom={zoom} />
      </div>
      <div className={styles.split}>
        <Panel
          title="Agents"
          count={node.agents.length}
          link={{ to: `${nodePath(node.id)}/agents`, text: "All details" }}
        >
          <AgentTable agents={agents} short />
        </Panel>
        <Machine node={node} />
      </div>
    </div>
  );
}

function Machine({ node }: { node: FleetNode }) {
  const labels = Object.entries(node.labels);
  return (
    <Panel title="Machine" aside={<Beats beats={node.beats} revision={node.revision} />}>
      <Facts
        facts={[
          ["Node ID", <code key="id">{node.id}</code>],
          ["Platform", formatPlatform(node.platform, node.arch)],
          ["CPUs", node.cpuCount || "unknown"],
          ["Memory", node.memoryMb ? formatMemory(node.memoryMb) : "unknown"],
          ["Disk used", formatShare(node.disk)],
          ["Version", <DaemonVersion key="version" node={node} />],
          [
            "Capabilities",
            node.capabilities.length > 0 ? <Chips key="caps" names={node.capabilities} most={6} /> : "none",
          ],
          ...labels.map(([name, value]) => [name, value] as const),
          ["Looked after by", node.managed ? "Muster's daemon" : "its agents themselves"],
          ["Registered", formatMoment(node.registered)],
        ]}
      />
    </Panel>
  );
}
