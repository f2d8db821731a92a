import { type ComponentType, useState } from "react";
import { Confirm } from "../../../ui/confirm";
import { Dialog } from "../../../ui/dialog";
import { Tabs } from "../../../ui/tabs";
import { ManualForm } from "./manual-form";
import { ScriptMethod } from "./script-form";
import { SshMethod } from "./ssh/ssh-method";

export interface MethodProps {
  onClose(): void;
  /** Whether something was typed that would be lost. */
  onDirty(dirty: boolean): void;
  /** Does something that loses what was typed, once that was agreed to. */
  onLeave(act: () => void): void;
}

interface Method {
  id: string;
  title: string;
  form: ComponentType<MethodProps>;
}

/** The ways to add a node; one that does not work yet is not listed. */
const METHODS: readonly Method[] = [
  { id: "manual", title: "Manual", form: ManualForm },
  { id: "ssh", title: "Deploy via SSH", form: SshMethod },
  { id: "script", title: "Setup script", form: ScriptMethod },
];

interface AddNodeDialogProps {
  /** Which way is open; the first one when it is not known. */
  method: string | null;
  onMethod(method: string): void;
  onClose(): void;
}

export default function AddNodeDialog({ method, onMethod, onClose }: AddNodeDialogProps) {
  const [dirty, setDirty] = useState(false);
  const [leave, setLeave] = useState<(() => void) | null>(null);
  const current = METHODS.find(({ id }) => id === method) ?? METHODS[0];
  const ask = (act: () => void) => (dirty ? setLeave(() => act) : act());
  return (
    <Dialog open onClose={() => ask(onClose)} title="Add worker node" held={dirty}>
      <Tabs
        label="How to add the node"
        inset
        current={current?.id ?? ""}
        onChange={(next) => ask(() => onMethod(next))}
        tabs={METHODS.map(({ id, title, form: Form }) => ({
          id,
          title,
          content: <Form onClose={onClose} onDirty={setDirty} onLeave={ask} />,
        }))}
      />
      <Confirm
        open={leave !== null}
        onClose={() => setLeave(null)}
        title="Leave what you typed?"
        action="Leave it"
        danger
        onConfirm={() => {
          setDirty(false);
          setLeave(null);
          leave?.();
        }}
      >
        The form is not sent yet, and neither the key nor anything else of it is kept.
      </Confirm>
    </Dialog>
  );
}
