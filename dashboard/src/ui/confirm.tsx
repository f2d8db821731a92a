import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "./button";
import { Dialog, DialogBody, DialogFooter } from "./dialog";
import { Field } from "./field";

interface ConfirmProps {
  open: boolean;
  onClose(): void;
  title: string;
  /** What will happen, in words. */
  children: ReactNode;
  action: string;
  danger?: boolean;
  busy?: boolean;
  /** To be typed before the action is possible: for what cannot be undone. */
  typed?: string;
  onConfirm(): void;
}

/** Asks before an act; friction in proportion to the damage. */
export function Confirm({ open, onClose, title, children, action, danger, busy, typed, onConfirm }: ConfirmProps) {
  const [text, setText] = useState("");
  const ready = typed === undefined || text === typed;
  const close = () => {
    setText("");
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onConfirm();
  };
  return (
    <Dialog open={open} onClose={close} title={title} narrow>
      <form onSubmit={submit}>
        <DialogBody>
          <div>{children}</div>
          {typed !== undefined && (
            <Field
              label={`Type ${typed} to confirm`}
              value={text}
              onChange={setText}
              autoComplete="off"
              spellCheck={false}
            />
          )}
        </DialogBody>
        <DialogFooter>
          <Button onClick={close}>Cancel</Button>
          <Button
            type="submit"
            kind={danger ? "danger" : "primary"}
            disabled={!ready}
            busy={busy}
            data-autofocus={typed === undefined ? "" : undefined}
          >
            {action}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
