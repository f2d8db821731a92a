import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { AGENTS, AGENTS_KEY, nameOf } from "../../../lib/agents";
import { ApiError, api } from "../../../lib/api";
import type { PlacedAgent } from "../../../lib/types";
import { Button } from "../../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../../ui/dialog";
import { CheckField, Field, FormFailure } from "../../../ui/field";
import { NodeField } from "../actions/node-field";
import { AgentFields } from "./agent-fields";
import { PLAIN } from "./field-props";
import { Placed, Reasons } from "./placement-answer";
import { checkAgent, type Faults, FRESH, newAgentOf } from "./typed-agent";

/** A new agent, placed by hand or by the control plane; says then where it went and why. */
export function RegisterAgent({ onClose }: { onClose(): void }) {
  const queries = useQueryClient();
  const register = useMutation({
    mutationFn: (body: ReturnType<typeof newAgentOf>) => api<PlacedAgent>(AGENTS, { method: "POST", body }),
    gcTime: 0, // its environment may hold secrets
    onSuccess: () => queries.invalidateQueries({ queryKey: [AGENTS_KEY] }),
  });
  const made = register.data;
  return (
    <Dialog open held asks={!made} onClose={onClose} title={made ? `${nameOf(made)} is registered` : "Register agent"}>
      {made ? (
        <Placed agent={made} onClose={onClose} />
      ) : (
        <RegisterForm
          busy={register.isPending}
          error={register.error}
          onClose={onClose}
          onSend={(body) => register.mutate(body)}
        />
      )}
    </Dialog>
  );
}

interface RegisterFormProps {
  busy: boolean;
  error: Error | null;
  onClose(): void;
  onSend(body: ReturnType<typeof newAgentOf>): void;
}

function RegisterForm({ busy, error, onClose, onSend }: RegisterFormProps) {
  const [typed, setTyped] = useState(FRESH);
  const [faults, setFaults] = useState<Faults>({});
  const change = (part: Partial<typeof FRESH>) => setTyped({ ...typed, ...part });
  const said = error instanceof ApiError ? error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = checkAgent(typed);
    setFaults(found);
    if (Object.keys(found).length === 0) onSend(newAgentOf(typed));
  };
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <Field
          label="Agent ID"
          required
          value={typed.agentId}
          onChange={(agentId) => change({ agentId })}
          error={faults.agentId ?? said?.fields.agentId}
          hint="Names it for good, everywhere."
          maxLength={128}
          {...PLAIN}
        />
        <AgentFields typed={typed} faults={{ ...said?.fields, ...faults }} onChange={change} envNames={null} />
        <NodeField label="Node" value={typed.nodeId} onChange={(nodeId) => change({ nodeId })} />
        <CheckField label="Start it at once" checked={typed.start} onChange={(start) => change({ start })} />
        <FormFailure error={error} />
        {said && <Reasons reasons={said.reasons} />}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={busy}>
          Register agent
        </Button>
      </DialogFooter>
    </form>
  );
}
