import { Link } from "wouter";
import { agentPath, nameOf } from "../../../lib/agents";
import { formatCountOf } from "../../../lib/format";
import type { NodeReason, PlacedAgent } from "../../../lib/types";
import { Button } from "../../../ui/button";
import { DialogBody, DialogFooter } from "../../../ui/dialog";
import { NodeLink } from "../../../ui/node-link";
import styles from "./placement-answer.module.css";

/** Where a new agent went, and why not elsewhere. */
export function Placed({ agent, onClose }: { agent: PlacedAgent; onClose(): void }) {
  const { placement, wanted, agentId } = agent;
  return (
    <>
      <DialogBody>
        <p role="status">
          {wanted === "running" ? "It starts on" : "It is placed, not started, on"} <NodeLink id={placement.nodeId} />,
          which scored <b className="num">{placement.score.toFixed(1)}</b> of 100.
        </p>
        <Reasons reasons={placement.others} title="Other nodes" />
      </DialogBody>
      <DialogFooter>
        <Link href={agentPath(agentId)} className={styles.open}>
          Open {nameOf(agent)}
        </Link>
        <Button kind="primary" autoFocus onClick={onClose}>
          Done
        </Button>
      </DialogFooter>
    </>
  );
}

interface ReasonsProps {
  title?: string;
  reasons: readonly (NodeReason & { score?: number })[];
}

/** Node by node why it is not the one. */
export function Reasons({ reasons, title = "Why no node can take it" }: ReasonsProps) {
  if (reasons.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className={styles.title}>
        {title} <span className="dim">{formatCountOf(reasons.length, "node")}</span>
      </h3>
      <ul className={styles.reasons}>
        {reasons.map(({ nodeId, reason, score }) => (
          <li key={nodeId}>
            <code>{nodeId}</code> <span>{reason}</span>
            {score !== undefined && <span className="num dim">{score.toFixed(1)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
