/** Take an agent over, or forget it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { AGENTS_KEY, agentAt, agentKey } from "../../../lib/agents";
import { api } from "../../../lib/api";
import { Confirm } from "../../../ui/confirm";
import { FormFailure } from "../../../ui/field";
import { toast } from "../../../ui/toast";
import type { Target } from "./act-on-agent";

interface KeepProps {
  agent: Target;
  onClose(): void;
  onDone?(): void;
}

export function AdoptAgent({ agent, onClose }: KeepProps) {
  const adopt = useKeep(agent, "POST", "/adopt", `${agent.name} is adopted`, onClose);
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Adopt ${agent.name}?`}
      action="Adopt"
      busy={adopt.isPending}
      onConfirm={() => adopt.mutate()}
    >
      <p>
        It stays where and as it is. From now on the control plane says whether it runs: it can be started, stopped and
        restarted, and moved once it has a command.
      </p>
      <FormFailure error={adopt.error} />
    </Confirm>
  );
}

export function RemoveAgent({ agent, onClose, onDone }: KeepProps) {
  const remove = useKeep(agent, "DELETE", "", `${agent.name} was deleted`, () => {
    onClose();
    onDone?.();
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Delete ${agent.name}?`}
      action="Delete agent"
      danger
      typed={agent.name}
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      <p>Its node stops it, and the control plane forgets what it should be, its environment included.</p>
      <FormFailure error={remove.error} />
    </Confirm>
  );
}

function useKeep(agent: Target, method: "POST" | "DELETE", rest: string, done: string, then: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => api(agentAt(agent.agentId, rest), { method }),
    onSuccess: () => {
      toast({ tone: "ok", text: done });
      then();
      for (const queryKey of [agentKey(agent.agentId), [AGENTS_KEY]]) void queries.invalidateQueries({ queryKey });
    },
  });
}
