import { Cpu, MemoryStick } from "lucide-react";
import { memo } from "react";
import { Link } from "wouter";
import { useClock } from "../../../lib/clock";
import { formatMemory, formatPlatform } from "../../../lib/format";
import { type FleetNode, isUp } from "../../../lib/node";
import { useRevision } from "../../../lib/use-fleet";
import { Chips } from "../../../ui/badge";
import { Beats } from "../../../ui/beats";
import { classes } from "../../../ui/classes";
import { Meter } from "../../../ui/meter";
import { Spark } from "../../../ui/spark";
import { conditionOf, StatusBadge, StatusGlyph } from "../../../ui/status";
import { Since } from "../../../ui/time";
import { NodeMenuButton } from "../actions/node-menu";
import { nodePath } from "../node-path";
import styles from "./node-card.module.css";
import { NodeCheck } from "./node-check";
import { troubleOf } from "./trouble";

// Made once: a card that is drawn again passes over what is the same element as before.
const CPU_ICON = <Cpu size={13} aria-hidden="true" />;
const MEMORY_ICON = <MemoryStick size={13} aria-hidden="true" />;

export const NodeCard = memo(function NodeCard({ node }: { node: FleetNode }) {
  const revision = useRevision(node);
  const up = isUp(node);
  return (
    <li className={classes(styles.card, styles[node.status])}>
      <div className={styles.head}>
        <NodeCheck id={node.id} name={node.name} />
        <StatusGlyph condition={conditionOf(node)} />
        <div className={styles.names}>
          <Link href={nodePath(node.id)} className={styles.name} data-node="">
            {node.name}
          </Link>
          <code>
            {node.host}:{node.port}
          </code>
        </div>
        <StatusBadge condition={conditionOf(node)} />
        <NodeMenuButton node={node} name={node.name} />
      </div>
      <div className={styles.load}>
        <div className={styles.meters}>
          {CPU_ICON}
          <Meter share={up ? node.cpu : null} label={`CPU of ${node.name}`} tone="cpu" />
          {MEMORY_ICON}
          <Meter share={up ? node.mem : null} label={`Memory of ${node.name}`} tone="mem" />
        </div>
        <Spark points={node.cpuHistory} revision={revision} faded={!up} />
      </div>
      <Trouble node={node} />
      <div className={styles.foot}>
        <Chips names={node.capabilities} />
        <Beats beats={node.beats} revision={revision} />
        <span className={styles.seen}>{node.seen > 0 ? <Since at={node.seen} /> : "never"}</span>
      </div>
    </li>
  );
});

/** The reason stands in the place of the facts: a colour without a cause costs a click. */
function Trouble({ node }: { node: FleetNode }) {
  const trouble = useClock((now) => troubleOf(node, now) ?? "");
  return trouble ? <p className={styles.trouble}>{trouble}</p> : <CardFacts node={node} />;
}

function CardFacts({ node }: { node: FleetNode }) {
  return (
    <dl className={styles.facts}>
      <div>
        <dt>Agents</dt>
        <dd>{node.agents.length}</dd>
      </div>
      <div>
        <dt>CPUs</dt>
        <dd>{node.cpuCount || "–"}</dd>
      </div>
      <div>
        <dt>Memory</dt>
        <dd>{node.memoryMb ? formatMemory(node.memoryMb) : "–"}</dd>
      </div>
      <div>
        <dt>Platform</dt>
        <dd>{formatPlatform(node.platform, node.arch)}</dd>
      </div>
    </dl>
  );
}
