import { memo } from "react";
import { Link } from "wouter";
import type { FleetNode } from "../../../lib/node";
import { useRevision } from "../../../lib/use-fleet";
import { classes } from "../../../ui/classes";
import { conditionOf, conditionWord, StatusGlyph } from "../../../ui/status";
import { NodeMenuButton } from "../actions/node-menu";
import { nodePath } from "../node-path";
import { NodeCheck } from "./node-check";
import { columnOf, type NodeColumnKey, tracksOf } from "./node-columns";
import styles from "./node-table.module.css";

interface NodeRowProps {
  node: FleetNode;
  columns: readonly NodeColumnKey[];
  /** For readers: the heading is row 1. */
  position: number;
  /** Pixels from the top of the table's body. */
  offset: number;
}

export const NodeRow = memo(function NodeRow({ node, columns, position, offset }: NodeRowProps) {
  useRevision(node);
  const condition = conditionOf(node);
  return (
    <div
      role="row"
      aria-rowindex={position}
      className={classes(styles.row, styles.node, styles[node.status])}
      style={{ transform: `translateY(${offset}px)`, gridTemplateColumns: tracksOf(columns) }}
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
      {columns.map((key) => {
        const { className, look, cell } = columnOf(key);
        return (
          <div key={key} role="cell" className={classes(className, look)}>
            {cell(node)}
          </div>
        );
      })}
      <div role="cell">
        <NodeMenuButton node={node} name={node.name} />
      </div>
    </div>
  );
});
