import { epochOf } from "../../lib/format";
import type { FleetNode } from "../../lib/node";
import type { Cordon } from "../../lib/types";
import { classes } from "../../ui/classes";
import { Lasting, Since, Until } from "../../ui/time";
import styles from "./node-trouble.module.css";

/** Why a node is not simply online: each reason as a sentence, and what follows from it. */
export function NodeTrouble({ node }: { node: FleetNode }) {
  return (
    <>
      <Troubles node={node} />
      {node.cordon && <Cordoned cordon={node.cordon} />}
    </>
  );
}

/** That it takes no new agents is no trouble: somebody wanted it. */
function Cordoned({ cordon: { note, until, by, since } }: { cordon: Cordon }) {
  return (
    <div className={styles.trouble} role="note">
      <b>Takes no new agents{note ? `: ${note}.` : "."}</b> Cordoned by {by || "nobody"} <Since at={epochOf(since)} />
      {until && (
        <>
          , for <Until at={epochOf(until)} /> more
        </>
      )}
      .
    </div>
  );
}

function Troubles({ node }: { node: FleetNode }) {
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
