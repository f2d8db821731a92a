import { useMutation } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { api, CLUSTER } from "../../lib/api";
import { formatCountOf } from "../../lib/format";
import { jobPath } from "../../lib/jobs";
import type { FleetNode } from "../../lib/node";
import type { TakenOn } from "../../lib/types";
import { Confirm } from "../../ui/confirm";
import { FormFailure } from "../../ui/field";
import styles from "./uninstall-node.module.css";

const REMOVED = [
  "below ~/.agenticmail the daemon, its settings, its credential and its logs",
  "also there the runtime of the agents: Node.js, PM2 and their package",
  "its line in the crontab, or its unit of systemd",
];

/** Takes Muster off a machine; says beforehand what goes and what stays. */
export function UninstallNode({ node, onClose }: { node: FleetNode; onClose(): void }) {
  const [, navigate] = useLocation();
  const uninstall = useMutation({
    mutationFn: () => api<TakenOn>(`${CLUSTER}/nodes/${encodeURIComponent(node.id)}/uninstall`, { method: "POST" }),
    onSuccess: ({ jobId }) => navigate(jobPath(jobId)),
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Uninstall ${node.name}?`}
      action="Uninstall"
      danger
      typed={node.name}
      busy={uninstall.isPending}
      onConfirm={() => uninstall.mutate()}
    >
      <p>
        {formatCountOf(node.agents.length, "agent")} will be stopped for good. Then this is removed from the machine:
      </p>
      <ul className={styles.list}>
        {REMOVED.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p>Everything else stays. The node is forgotten when it has said that it is done.</p>
      <FormFailure error={uninstall.error} />
    </Confirm>
  );
}
