import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { AGENTS_KEY, type AgentAction, agentAt, agentKey } from "../../../lib/agents";
import { ApiError, api } from "../../../lib/api";
import { OPEN_JOBS_KEY } from "../../../lib/jobs";
import type { Asked } from "../../../lib/types";
import { Confirm } from "../../../ui/confirm";
import { FormFailure } from "../../../ui/field";
import { toast } from "../../../ui/toast";
import { Reasons } from "../register/placement-answer";
import { ACTIONS } from "./act-words";
import { NodeField } from "./node-field";

/** An agent as far as one must know it to act on it. */
export interface Target {
  agentId: string;
  name: string;
  nodeId: string | null;
}

interface ActOnAgentProps {
  action: AgentAction;
  agent: Target;
  onClose(): void;
  /** Follows the job, so that no news of it is needed. */
  onAsked?(jobId: string): void;
}

/** Asks before an action on one agent; it is a job that ends when the node's report proves it. */
export function ActOnAgent({ action, agent, onClose, onAsked = news(action, agent) }: ActOnAgentProps) {
  const queries = useQueryClient();
  const [nodeId, setNodeId] = useState("");
  const { verb, follows } = ACTIONS[action];
  const act = useMutation({
    mutationFn: () =>
      api<Asked>(agentAt(agent.agentId, `/${action}`), { method: "POST", body: nodeId ? { nodeId } : {} }),
    onSuccess: ({ jobId }) => {
      onAsked(jobId);
      onClose();
      for (const queryKey of [agentKey(agent.agentId), [AGENTS_KEY], OPEN_JOBS_KEY]) {
        void queries.invalidateQueries({ queryKey });
      }
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={`${verb} ${agent.name}?`}
      action={verb}
      busy={act.isPending}
      onConfirm={() => act.mutate()}
    >
      <p>{follows}</p>
      {action === "move" && <NodeField label="To" value={nodeId} onChange={setNodeId} except={agent.nodeId} />}
      <FormFailure error={act.error} />
      {act.error instanceof ApiError && <Reasons reasons={act.error.reasons} />}
    </Confirm>
  );
}

function news(action: AgentAction, agent: Target) {
  return () => toast({ tone: "ok", text: `${agent.name} is ${ACTIONS[action].being}` });
}
