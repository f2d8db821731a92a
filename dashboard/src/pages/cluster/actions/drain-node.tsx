/** Move all agents of a node away; first what that would hit. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, CLUSTER } from "../../../lib/api";
import { OPEN_JOBS_KEY } from "../../../lib/jobs";
import type { FleetNode } from "../../../lib/node";
import type { Asked } from "../../../lib/types";
import { Button } from "../../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../../ui/dialog";
import { Field, FormFailure, SelectField } from "../../../ui/field";
import { BlastRadius } from "./blast-radius";

export const DEADLINES = [
  { value: "120", label: "2 minutes" },
  { value: "600", label: "10 minutes" },
  { value: "3600", label: "1 hour" },
  { value: "14400", label: "4 hours" },
];
export const USUAL_DEADLINE = "600";

export function drainAt(nodeId: string): string {
  return `${CLUSTER}/nodes/${encodeURIComponent(nodeId)}/drain`;
}

interface DrainNodeProps {
  node: FleetNode;
  onClose(): void;
  onDraining?(): void;
}

export function DrainNode({ node, onClose, onDraining }: DrainNodeProps) {
  const queries = useQueryClient();
  const [seconds, setSeconds] = useState(USUAL_DEADLINE);
  const [note, setNote] = useState("");
  const drain = useMutation({
    mutationFn: () =>
      api<Asked>(drainAt(node.id), { method: "POST", body: { deadlineSeconds: Number(seconds), note: note.trim() } }),
    onSuccess: () => {
      onClose();
      onDraining?.();
      return queries.invalidateQueries({ queryKey: OPEN_JOBS_KEY });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    drain.mutate();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Drain ${node.name}?`}
      description="It is cordoned, and its agents move to other nodes. It stays cordoned afterwards."
    >
      <form onSubmit={submit}>
        <DialogBody>
          <BlastRadius nodeId={node.id} action="drain" />
          <SelectField
            label="Deadline"
            value={seconds}
            onChange={setSeconds}
            options={DEADLINES}
            hint="What was not moved by then stays where it is."
          />
          <Field label="Why" value={note} onChange={setNote} maxLength={200} autoComplete="off" />
          <FormFailure error={drain.error} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={drain.isPending}>
            Drain node
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
