import { TriangleAlert } from "lucide-react";
import { Link } from "wouter";
import { fleet } from "../../lib/fleet";
import { formatCount, formatCountOf } from "../../lib/format";
import type { FleetNode } from "../../lib/node";
import { useNotices, useStatuses } from "../../lib/use-fleet";
import { Button } from "../../ui/button";
import { conditionOf, StatusGlyph } from "../../ui/status";
import styles from "./attention-strip.module.css";
import { nodePath } from "./node-path";

const NAMED = 3;

/** Names the nodes in trouble, or counts them when they are many. */
export function AttentionStrip({ onShow }: { onShow(): void }) {
  useStatuses();
  const { nodes, totals } = fleet;
  const notices = useNotices();
  if (totals.troubled === 0) return null;
  const { degraded, offline } = totals.byStatus;
  const notice = offline > 1 ? notices[0]?.message : undefined; // it was true when the list was fetched
  const named = totals.troubled <= NAMED ? troubled(nodes.values()) : [];
  return (
    <section className={styles.strip} aria-label="Needs attention">
      <TriangleAlert size={15} className={styles.sign} aria-hidden="true" />
      <b className={styles.count}>{formatCountOf(totals.troubled, "node needs", "nodes need")} attention</b>
      <span className={styles.names}>
        {notice ??
          (named.length > 0
            ? named.map((node) => <NodeName key={node.id} node={node} />)
            : `${formatCount(degraded)} degraded, ${formatCount(offline)} offline`)}
      </span>
      <Button compact onClick={onShow}>
        Show only these
      </Button>
    </section>
  );
}

function NodeName({ node }: { node: FleetNode }) {
  return (
    <Link href={nodePath(node.id)} className={styles.name}>
      <StatusGlyph condition={conditionOf(node)} size={9} />
      <span className={styles.text}>{node.name}</span>
    </Link>
  );
}

function troubled(nodes: Iterable<FleetNode>): FleetNode[] {
  return [...nodes].filter((node) => node.status !== "online");
}
