/** What can be done to one node from the list. */
import { useMutation } from "@tanstack/react-query";
import { ApiError, api, CLUSTER } from "../../../lib/api";
import { formatCountOf } from "../../../lib/format";
import type { FleetNode } from "../../../lib/node";
import type { ActionAnswer } from "../../../lib/types";
import { Confirm } from "../../../ui/confirm";
import { toast } from "../../../ui/toast";
import { BlastRadius } from "./blast-radius";

function actionPath(node: FleetNode, action = ""): string {
  return `${CLUSTER}/nodes/${encodeURIComponent(node.id)}${action}`;
}

function sentenceOf(failure: Error): string {
  return failure instanceof ApiError ? failure.sentence : "Something went wrong in this page";
}

/** Calls the node's own port and says how long it took. */
export function usePing() {
  return useMutation({
    mutationFn: (node: FleetNode) => api<ActionAnswer>(actionPath(node, "/ping"), { method: "POST" }),
    onSuccess: ({ ok, latencyMs, error, message }, node) =>
      toast(
        ok
          ? { tone: "ok", text: `${node.name} answered in ${latencyMs} ms` }
          : { tone: "bad", text: `${node.name}: ${error ?? message ?? "no answer"}` },
      ),
    onError: (failure, node) => toast({ tone: "bad", text: `${node.name}: ${sentenceOf(failure)}` }),
  });
}

interface ActionProps {
  node: FleetNode;
  onClose(): void;
}

interface RestartProps extends ActionProps {
  /** Follows what comes of it, so that no news of it is needed. */
  onAnswer?(answer: RestartAnswer): void;
}

/** The job of a restart, or the sentence why there is none. */
export type RestartAnswer = { jobId: string; message?: string } | { failure: string };

export function RestartAgents({ node, onClose, onAnswer = news(node) }: RestartProps) {
  const restart = useMutation({
    mutationFn: () => api<ActionAnswer>(actionPath(node, "/restart"), { method: "POST" }),
    onSuccess: ({ jobId = "", message }) => onAnswer({ jobId, message }),
    onError: (failure) => onAnswer({ failure: sentenceOf(failure) }),
    onSettled: onClose,
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Restart the agents of ${node.name}?`}
      action="Restart agents"
      busy={restart.isPending}
      onConfirm={() => restart.mutate()}
    >
      <p>
        {formatCountOf(node.agents.length, "agent")} will stop and start again. What they are doing right now is
        interrupted.
      </p>
      <BlastRadius nodeId={node.id} action="restart" />
    </Confirm>
  );
}

function news(node: FleetNode) {
  return (answer: RestartAnswer) =>
    toast(
      "failure" in answer
        ? { tone: "bad", text: `${node.name}: ${answer.failure}` }
        : { tone: "ok", text: `${node.name}: ${answer.message ?? "the agents were restarted"}` },
    );
}

export function RemoveNode({ node, onClose, onRemoved }: ActionProps & { onRemoved?(): void }) {
  const remove = useMutation({
    mutationFn: () => api(actionPath(node), { method: "DELETE" }),
    onSuccess: () => {
      toast({ tone: "ok", text: `${node.name} was removed` });
      (onRemoved ?? onClose)();
    },
    onError: (failure) => {
      toast({ tone: "bad", text: `${node.name}: ${sentenceOf(failure)}` });
      onClose();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Remove ${node.name}?`}
      action="Remove node"
      danger
      typed={node.name}
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      <p>
        The control plane forgets the node. Its agents go on running; a daemon that still beats is told to register
        again.
      </p>
      <BlastRadius nodeId={node.id} action="delete" />
    </Confirm>
  );
}
