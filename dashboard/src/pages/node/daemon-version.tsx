import { useMutation } from "@tanstack/react-query";
import { ArrowUpCircle } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, CLUSTER } from "../../lib/api";
import { jobPath } from "../../lib/jobs";
import { type FleetNode, isUp } from "../../lib/node";
import { useMay } from "../../lib/session";
import type { TakenOn } from "../../lib/types";
import { isOutdated, useDaemonProgram } from "../../lib/use-upgrade";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { FormFailure } from "../../ui/field";
import styles from "./daemon-version.module.css";

/** The version of a node's daemon, and the way to a newer one. */
export function DaemonVersion({ node }: { node: FleetNode }) {
  const program = useDaemonProgram();
  const may = useMay("operator");
  const [asking, setAsking] = useState(false);
  const [, navigate] = useLocation();
  const upgrade = useMutation({
    mutationFn: () => api<TakenOn>(`${CLUSTER}/nodes/${encodeURIComponent(node.id)}/upgrade`, { method: "POST" }),
    onSuccess: ({ jobId }) => navigate(jobPath(jobId)),
  });
  if (!isOutdated(node, program)) return <>{node.version}</>;
  return (
    <span className={styles.line}>
      {node.version}
      <span className={styles.update}>Update available</span>
      <Button
        compact
        icon={<ArrowUpCircle size={13} />}
        disabled={!may || !isUp(node)}
        title={may ? (isUp(node) ? undefined : "The node is offline") : "This needs the operator role"}
        onClick={() => setAsking(true)}
      >
        Upgrade…
      </Button>
      {asking && (
        <Confirm
          open
          onClose={() => setAsking(false)}
          title={`Upgrade the daemon of ${node.name}?`}
          action="Upgrade"
          busy={upgrade.isPending}
          onConfirm={() => upgrade.mutate()}
        >
          <p>
            From {node.version} to {program?.version} (build {program?.sha256.slice(0, 7)}). Its agents go on meanwhile.
            If the new daemon is not heard in time, the node puts the present one back by itself.
          </p>
          <FormFailure error={upgrade.error} />
        </Confirm>
      )}
    </span>
  );
}
