import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { AGENTS_KEY, agentAt, agentKey, nameOf } from "../../../lib/agents";
import { ApiError, api } from "../../../lib/api";
import type { AgentRow } from "../../../lib/types";
import { Button } from "../../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../../ui/dialog";
import { FormFailure } from "../../../ui/field";
import { toast } from "../../../ui/toast";
import { AgentFields } from "./agent-fields";
import { Reasons } from "./placement-answer";
import { changeOf, checkAgent, type Faults, typedFrom } from "./typed-agent";

/** Changes what an agent should be; its node restarts it only when its command or environment became another one. */
export function EditAgent({ row, onClose }: { row: AgentRow; onClose(): void }) {
  const queries = useQueryClient();
  const [typed, setTyped] = useState(() => typedFrom(row));
  const [faults, setFaults] = useState<Faults>({});
  const edit = useMutation({
    mutationFn: () => api<AgentRow>(agentAt(row.agentId), { method: "PATCH", body: changeOf(typed) }),
    gcTime: 0, // the environment may hold secrets
    onSuccess: (changed) => {
      toast({ tone: "ok", text: `${nameOf(changed)} was changed` });
      onClose();
      for (const queryKey of [agentKey(row.agentId), [AGENTS_KEY]]) void queries.invalidateQueries({ queryKey });
    },
  });
  const said = edit.error instanceof ApiError ? edit.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = checkAgent(typed);
    setFaults(found);
    if (Object.keys(found).length === 0) edit.mutate();
  };
  return (
    <Dialog
      open
      held
      onClose={onClose}
      title={`Edit ${nameOf(row)}`}
      description="Another command or environment restarts it."
    >
      <form onSubmit={submit} noValidate>
        <DialogBody>
          <AgentFields
            typed={typed}
            faults={{ ...said?.fields, ...faults }}
            onChange={(part) => setTyped({ ...typed, ...part })}
            envNames={row.envNames}
          />
          <FormFailure error={edit.error} />
          {said && <Reasons reasons={said.reasons} title="Why it cannot stay" />}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={edit.isPending}>
            Save
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
