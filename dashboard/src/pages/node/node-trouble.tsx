import type { FleetNode } from "../../lib/node";
import { classes } from "../../ui/classes";
import { Lasting } from "../../ui/time";
import styles from "./node-trouble.module.css";

/** Why a node is not simply online: each reason as a sentence, and what follows from it. */
export function NodeTrouble({ node }: { node: FleetNode }) {
  if (node.status === "offline") return <Offline node={node} />;
  if (node.issues.length === 0) return null;
  return (
    <ul className={classes(styles.trouble, styles.warn)} aria-label="Issues">
      {node.issues.map((issue) => (
        <li key={`${issue.code} ${issue.message}`}>
          <b>{issue.message}</b> <span className="dim">for</span> <Lasting since={Date.parse(issue.since) / 1000} />
        </li>
      ))}
    </ul>
  );
}

function Offline({ node }: { node: FleetNode }) {
  return (
    <div className={styles.trouble} role="note">
      {node.reason === "never_seen" ? (
        <>
          <b>Not seen yet.</b> Start the daemon on the machine; the node turns green with its first heartbeat.
        </>
      ) : node.reason === "awaiting_heartbeat" ? (
        <>
          <b>Unknown.</b> The control plane has just begun to listen and waits for this node's next heartbeat.
        </>
      ) : (
        <>
          <b>
            No heartbeat for <Lasting since={node.seen} />.
          </b>{" "}
          The machine, its daemon or the network between is down. Figures and agents below are the last known ones.
        </>
      )}
    </div>
  );
}
