import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../lib/api";
import { BRAKE, BRAKE_KEY } from "../../lib/brake";
import type { Brake } from "../../lib/types";
import { Button } from "../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../ui/dialog";
import { Field, FormFailure } from "../../ui/field";

/** Asks before agents are paused on every node, with which and why. */
export function BrakeDialog({ onClose }: { onClose(): void }) {
  const queries = useQueryClient();
  const [tag, setTag] = useState("");
  const [note, setNote] = useState("");
  const pause = useMutation({
    mutationFn: () => {
      const scope = tag.trim() ? { tag: tag.trim() } : "all";
      return api<Brake>(BRAKE, { method: "PUT", body: { scope, note: note.trim() } });
    },
    onSuccess: (brake) => {
      queries.setQueryData(BRAKE_KEY, brake);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    pause.mutate();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Pause agents?"
      description="Every node stops them with its next heartbeat, and they stay paused over any restart until somebody resumes."
      narrow
    >
      <form onSubmit={submit} noValidate>
        <DialogBody>
          <Field
            label="Only those with the tag"
            value={tag}
            onChange={setTag}
            hint="Empty: all agents, those that nobody registered too."
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
          />
          <Field label="Why" value={note} onChange={setNote} maxLength={200} autoComplete="off" />
          <FormFailure error={pause.error} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="danger" busy={pause.isPending}>
            {tag.trim() ? "Pause these agents" : "Pause all agents"}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
