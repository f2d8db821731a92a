import type { ComponentType } from "react";
import { Dialog } from "../../../ui/dialog";
import { Tabs } from "../../../ui/tabs";
import { ManualForm } from "./manual-form";
import { ScriptForm } from "./script-form";

export interface MethodProps {
  onClose(): void;
}

interface Method {
  id: string;
  title: string;
  form: ComponentType<MethodProps>;
}

/** The ways to add a node; one that does not work yet is not listed. */
const METHODS: readonly Method[] = [
  { id: "manual", title: "Manual", form: ManualForm },
  { id: "script", title: "Setup script", form: ScriptForm },
];

interface AddNodeDialogProps {
  /** Which way is open; the first one when it is not known. */
  method: string | null;
  onMethod(method: string): void;
  onClose(): void;
}

export default function AddNodeDialog({ method, onMethod, onClose }: AddNodeDialogProps) {
  const current = METHODS.find(({ id }) => id === method) ?? METHODS[0];
  return (
    <Dialog open onClose={onClose} title="Add worker node">
      <Tabs
        label="How to add the node"
        inset
        current={current?.id ?? ""}
        onChange={onMethod}
        tabs={METHODS.map(({ id, title, form: Form }) => ({ id, title, content: <Form onClose={onClose} /> }))}
      />
    </Dialog>
  );
}
