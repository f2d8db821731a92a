import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef, useState } from "react";
import { Button } from "./button";
import { classes } from "./classes";
import styles from "./dialog.module.css";
import { focusOpener, openerNow } from "./opener";
import { isInToasts } from "./toast";

interface DialogProps {
  open: boolean;
  onClose(): void;
  title: string;
  /** A sentence below the title. */
  description?: ReactNode;
  narrow?: boolean;
  /** A click beside it does not close it: what it shows would be lost. */
  held?: boolean;
  /** Asks before it closes over a filled field; for dialogs whose fields begin empty. */
  asks?: boolean;
  children: ReactNode;
}

/** A window over the page. Focus goes to the first field and back to where it came from; Esc closes. */
export function Dialog({ open, onClose, title, description, narrow, held, asks, children }: DialogProps) {
  const content = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLElement | null>(null);
  const [asking, setAsking] = useState(false);
  const close = () => {
    if (asks && !asking && isFilled(content.current)) setAsking(true);
    else if (asking) setAsking(false);
    else onClose();
  };
  const discard = () => {
    setAsking(false);
    onClose();
  };
  return (
    <Radix.Root open={open} onOpenChange={(next) => next || close()}>
      <Radix.Portal>
        {/* Radix's own overlay would add a style tag, which the page's policy forbids. */}
        <div className={styles.overlay} />
        <Radix.Content
          ref={content}
          data-modal=""
          className={classes(styles.dialog, narrow && styles.narrow)}
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={(event) => {
            opener.current = openerNow();
            focusFirstField(event);
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            focusOpener(opener.current);
          }}
          onInteractOutside={(event) => (held || isInToasts(event.target)) && event.preventDefault()}
        >
          <header className={styles.header}>
            <div>
              <Radix.Title className={styles.title}>{title}</Radix.Title>
              {description && <Radix.Description className={styles.description}>{description}</Radix.Description>}
            </div>
            <Button kind="ghost" icon={<X size={16} />} aria-label="Close" onClick={close} />
          </header>
          {children}
          {asking && <Unsaved onKeep={() => setAsking(false)} onDiscard={discard} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Unsaved({ onKeep, onDiscard }: { onKeep(): void; onDiscard(): void }) {
  return (
    <div role="alert" className={styles.footer}>
      <b className={styles.unsaved}>Discard what you typed?</b>
      <Button kind="danger" onClick={onDiscard}>
        Discard
      </Button>
      <Button autoFocus onClick={onKeep}>
        Go on typing
      </Button>
    </div>
  );
}

export function DialogBody({ children }: { children: ReactNode }) {
  return <div className={styles.body}>{children}</div>;
}

/** Buttons at the right; `note` stands at the left. */
export function DialogFooter({ note, children }: { note?: ReactNode; children: ReactNode }) {
  return (
    <footer className={styles.footer}>
      {note && <span className={styles.note}>{note}</span>}
      {children}
    </footer>
  );
}

function focusFirstField(event: Event): void {
  const content = event.currentTarget as HTMLElement;
  const field = content.querySelector<HTMLElement>("input:not([type=hidden]), textarea, select, [data-autofocus]");
  if (!field) return;
  event.preventDefault();
  field.focus();
}

function isFilled(content: HTMLElement | null): boolean {
  const fields = content?.querySelectorAll<HTMLInputElement>("input:not([hidden]):not([readonly]), textarea") ?? [];
  return [...fields].some(({ value }) => value !== "");
}
