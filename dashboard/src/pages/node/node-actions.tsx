/** What can be done to a node, with the answer beside the button. */
import { useMutation } from "@tanstack/react-query";
import { Eraser, LogOut, Pause, Play, RotateCw, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { ApiError, api, CLUSTER } from "../../lib/api";
import { type FleetNode, isUp } from "../../lib/node";
import { useMay } from "../../lib/session";
import { useShortcut } from "../../lib/shortcuts";
import type { ActionAnswer } from "../../lib/types";
import { useUrlState } from "../../lib/url-state";
import { HOME } from "../../routes";
import { Button } from "../../ui/button";
import { classes } from "../../ui/classes";
import { CordonNode, useUncordon } from "../cluster/actions/cordon-node";
import { DrainNode } from "../cluster/actions/drain-node";
import { RemoveNode, RestartAgents, type RestartAnswer } from "../cluster/actions/node-actions";
import styles from "./node-actions.module.css";
import { UninstallNode } from "./uninstall-node";

const KEPT = 5;
const NEEDED = "This needs the operator role";

interface Pinged {
  ok: boolean;
  text: string;
}

interface NodeActionsProps {
  node: FleetNode;
  onRestart(answer: RestartAnswer): void;
}

export function NodeActions({ node, onRestart }: NodeActionsProps) {
  const [url, change] = useUrlState();
  const [, navigate] = useLocation();
  const may = useMay("operator");
  const asking = may ? url.get("do") : null; // in the address, so that the palette can ask from anywhere
  const setAsking = (what: "cordon" | "drain" | "restart" | "remove" | "uninstall") => change({ do: what });
  const close = () => change({ do: null });
  useShortcut("r", "Restart agents", () => may && setAsking("restart"));
  useShortcut("d", "Drain the node", () => may && setAsking("drain"));
  return (
    <>
      <Ping node={node} may={may} />
      <CordonButton node={node} may={may} onCordon={() => setAsking("cordon")} />
      <Button
        icon={<LogOut size={14} />}
        disabled={!may}
        title={may ? undefined : NEEDED}
        onClick={() => setAsking("drain")}
      >
        Drain
      </Button>
      <Button
        icon={<RotateCw size={14} />}
        disabled={!may}
        title={may ? undefined : NEEDED}
        onClick={() => setAsking("restart")}
      >
        Restart agents
      </Button>
      {node.managed && (
        <Button
          icon={<Eraser size={14} />}
          disabled={!may || !isUp(node)}
          title={may ? (isUp(node) ? undefined : "The node is offline: it could not be told") : NEEDED}
          onClick={() => setAsking("uninstall")}
        >
          Uninstall
        </Button>
      )}
      <Button
        icon={<Trash2 size={14} />}
        disabled={!may}
        title={may ? undefined : NEEDED}
        onClick={() => setAsking("remove")}
      >
        Remove
      </Button>
      {asking === "cordon" && <CordonNode node={node} onClose={close} />}
      {asking === "drain" && <DrainNode node={node} onClose={close} />}
      {asking === "restart" && <RestartAgents node={node} onClose={close} onAnswer={onRestart} />}
      {asking === "uninstall" && <UninstallNode node={node} onClose={close} />}
      {asking === "remove" && <RemoveNode node={node} onClose={close} onRemoved={() => navigate(HOME)} />}
    </>
  );
}

function CordonButton({ node, may, onCordon }: { node: FleetNode; may: boolean; onCordon(): void }) {
  const uncordon = useUncordon();
  const act = () => (node.schedulable ? onCordon() : uncordon.mutate(node));
  useShortcut("c", node.schedulable ? "Cordon the node" : "Uncordon the node", () => may && act());
  return (
    <Button
      icon={node.schedulable ? <Pause size={14} /> : <Play size={14} />}
      disabled={!may}
      title={may ? undefined : NEEDED}
      busy={uncordon.isPending}
      onClick={act}
    >
      {node.schedulable ? "Cordon" : "Uncordon"}
    </Button>
  );
}

/** Calls the node's own port; the last five results stay beside the button. */
function Ping({ node, may }: { node: FleetNode; may: boolean }) {
  const [results, setResults] = useState<readonly Pinged[]>([]);
  const keep = (result: Pinged) => setResults((before) => [result, ...before].slice(0, KEPT));
  const ping = useMutation({
    mutationFn: () => api<ActionAnswer>(`${CLUSTER}/nodes/${encodeURIComponent(node.id)}/ping`, { method: "POST" }),
    onSuccess: ({ ok, latencyMs, error, message }) =>
      keep(ok ? { ok, text: `${latencyMs} ms` } : { ok: false, text: error ?? message ?? "no answer" }),
    onError: (failure) => keep({ ok: false, text: failure instanceof ApiError ? failure.sentence : failure.message }),
  });
  const start = () => ping.mutate();
  useShortcut("p", "Ping", () => may && start());
  const [newest, ...older] = results;
  return (
    <>
      <output className={styles.results} aria-live="polite">
        {older.length > 0 && (
          <span className={styles.older} title="Earlier pings">
            {older.map(({ ok, text }) => (ok ? text : "failed")).join(" · ")}
          </span>
        )}
        {newest && <span className={classes(newest.ok ? styles.good : styles.bad, "num")}>{newest.text}</span>}
      </output>
      <Button
        icon={<Zap size={14} />}
        busy={ping.isPending}
        disabled={!may}
        title={may ? undefined : NEEDED}
        onClick={start}
      >
        Ping
      </Button>
    </>
  );
}
