/** Let a node take no new agents, with a reason and perhaps an end; and let it take them again. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api, CLUSTER } from "../../../lib/api";
import type { FleetNode } from "../../../lib/node";
import { Button } from "../../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../../ui/dialog";
import { Field, FormFailure } from "../../../ui/field";
import { toast } from "../../../ui/toast";

export function CordonNode({ node, onClose }: { node: FleetNode; onClose(): void }) {
  const [note, setNote] = useState(node.cordon?.note ?? "");
  const [until, setUntil] = useState("");
  const cordon = useMutation({
    mutationFn: () => api(cordonAt(node.id), { method: "POST", body: { note: note.trim(), until: instantOf(until) } }),
    onSuccess: () => {
      toast({ tone: "ok", text: `${node.name} is cordoned` });
      onClose();
    },
  });
  const said = cordon.error instanceof ApiError ? cordon.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    cordon.mutate();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Cordon ${node.name}`}
      description="It takes no new agents; those that are there stay and go on."
      narrow
    >
      <form onSubmit={submit} noValidate>
        <DialogBody>
          <Field label="Why" value={note} onChange={setNote} error={said.note} maxLength={200} autoComplete="off" />
          <Field
            label="Until"
            type="datetime-local"
            value={until}
            onChange={setUntil}
            error={said.until}
            hint="In your own time. Empty: until somebody ends it."
          />
          <FormFailure error={cordon.error} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={cordon.isPending}>
            Cordon node
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

export function useUncordon() {
  return useMutation({
    mutationFn: (node: FleetNode) => api(cordonAt(node.id), { method: "DELETE" }),
    onSuccess: (_, node) => toast({ tone: "ok", text: `${node.name} takes agents again` }),
    onError: (failure, node) => toast({ tone: "bad", text: `${node.name}: ${failure.message}` }),
  });
}

export function cordonAt(nodeId: string): string {
  return `${CLUSTER}/nodes/${encodeURIComponent(nodeId)}/cordon`;
}

/** What was chosen in the reader's own zone, as the API takes it; null when nothing was. */
function instantOf(local: string): string | null {
  const at = Date.parse(local);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
