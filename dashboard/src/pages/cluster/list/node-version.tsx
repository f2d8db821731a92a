import { ArrowUpCircle } from "lucide-react";
import type { FleetNode } from "../../../lib/node";
import { isOutdated, useDaemonProgram } from "../../../lib/use-upgrade";
import styles from "./node-version.module.css";

/** The version of a node's daemon, and a mark when a newer build is here. */
export function NodeVersion({ node }: { node: FleetNode }) {
  const program = useDaemonProgram();
  const outdated = isOutdated(node, program);
  return (
    <span className={styles.version}>
      {node.version || "–"}
      {outdated && (
        <span
          className={styles.update}
          title={`An update is available: ${program?.version} (${program?.sha256.slice(0, 7)})`}
        >
          <ArrowUpCircle size={13} aria-label="Update available" />
        </span>
      )}
    </span>
  );
}
