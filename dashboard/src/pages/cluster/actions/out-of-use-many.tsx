/** Cordon or drain many nodes: one reason for all of them, as for a single one. */
import { useState } from "react";
import { formatCountOf } from "../../../lib/format";
import { Confirm } from "../../../ui/confirm";
import { Field, SelectField } from "../../../ui/field";
import { BlastRadiusOfMany } from "./blast-radius";
import { DEADLINES, USUAL_DEADLINE } from "./drain-node";

interface OutOfUseManyProps {
  ids: readonly string[];
  onClose(): void;
  /** With what is said to the control plane about each of them. */
  onConfirm(said: object): void;
}

export function CordonMany({ ids, onClose, onConfirm }: OutOfUseManyProps) {
  const [note, setNote] = useState("");
  const title = `Cordon ${formatCountOf(ids.length, "node")}?`;
  const confirm = () => onConfirm({ note: note.trim() });
  return (
    <Confirm open onClose={onClose} title={title} action="Cordon nodes" onConfirm={confirm}>
      <p>They take no new agents until somebody ends it; those that are there stay and go on.</p>
      <Why value={note} onChange={setNote} />
    </Confirm>
  );
}

export function DrainMany({ ids, onClose, onConfirm }: OutOfUseManyProps) {
  const [note, setNote] = useState("");
  const [seconds, setSeconds] = useState(USUAL_DEADLINE);
  const title = `Drain ${formatCountOf(ids.length, "node")}?`;
  const confirm = () => onConfirm({ note: note.trim(), deadlineSeconds: Number(seconds) });
  return (
    <Confirm open onClose={onClose} title={title} action="Drain nodes" onConfirm={confirm}>
      <p>They are cordoned, and their agents move to other nodes. They stay cordoned afterwards.</p>
      <BlastRadiusOfMany nodeIds={ids} action="drain" />
      <SelectField
        label="Deadline"
        value={seconds}
        onChange={setSeconds}
        options={DEADLINES}
        hint="What was not moved by then stays where it is."
      />
      <Why value={note} onChange={setNote} />
    </Confirm>
  );
}

function Why({ value, onChange }: { value: string; onChange(value: string): void }) {
  return <Field label="Why" value={value} onChange={onChange} maxLength={200} autoComplete="off" />;
}
