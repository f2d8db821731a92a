import { memo } from "react";
import { Link } from "wouter";
import { formatPlatform } from "../../../lib/format";
import { type FleetNode, isUp } from "../../../lib/node";
import { useRevision } from "../../../lib/use-fleet";
import { Chips } from "../../../ui/badge";
import { classes } from "../../../ui/classes";
import { Meter } from "../../../ui/meter";
import { conditionOf, conditionWord, StatusGlyph } from "../../../ui/status";
import { Since } from "../../../ui/time";
import { NodeMenuButton } from "../actions/node-menu";
import { nodePath } from "../node-path";
import { NodeCheck } from "./node-check";
import styles from "./node-table.module.css";

interface NodeRowProps {
  node: FleetNode;
  /** For readers: the heading is row 1. */
  position: number;
  /** Pixels from the top of the table's body. */
  offset: number;
}

export const NodeRow = memo(function NodeRow({ node, position, offset }: NodeRowProps) {
  useRevision(node);
  const condition = conditionOf(node);
  const up = isUp(node);
  return (
    <div
      role="row"
      aria-rowindex={position}
      className={classes(styles.row, styles.node, styles[node.status])}
      style={{ transform: `translateY(${offset}px)` }}
    >
      <div role="cell" className={styles.status}>
        <NodeCheck id={node.id} name={node.name} />
        <StatusGlyph condition={condition} size={11} />
        <span>{conditionWord(condition)}</span>
      </div>
      <div role="cell" className={styles.names}>
        <Link href={nodePath(node.id)} className={styles.name} data-node="">
          {node.name}
        </Link>
        <code>
          {node.host}:{node.port}
        </code>
      </div>
      <div role="cell" className={classes(styles.platform, "dim")}>
        {formatPlatform(node.platform, node.arch)}
      </div>
      <div role="cell">
        <Meter share={up ? node.cpu : null} label="CPU" tone="cpu" />
      </div>
      <div role="cell">
        <Meter share={up ? node.mem : null} label="Memory" tone="mem" />
      </div>
      <div role="cell" className="num">
        {node.agents.length}
      </div>
      <div role="cell" className={styles.capabilities}>
        <Chips names={node.capabilities} />
      </div>
      <div role="cell" className={classes(styles.version, "dim", "num")}>
        {node.version || "–"}
      </div>
      <div role="cell" className={classes(styles.seen, "dim")}>
        {node.seen > 0 ? <Since at={node.seen} /> : "never"}
      </div>
      <div role="cell">
        <NodeMenuButton node={node} name={node.name} />
      </div>
    </div>
  );
});
