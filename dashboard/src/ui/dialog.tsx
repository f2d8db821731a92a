import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";
import { classes } from "./classes";
import styles from "./dialog.module.css";

interface DialogProps {
  open: boolean;
  onClose(): void;
  title: string;
  /** A sentence below the title. */
  description?: ReactNode;
  narrow?: boolean;
  /** A click beside it does not close it: what it shows would be lost. */
  held?: boolean;
  children: ReactNode;
}

/** A window over the page. Focus goes to the first field and back to where it came from; Esc closes. */
export function Dialog({ open, onClose, title, description, narrow, held, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => next || onClose()}>
      <Radix.Portal>
        {/* Radix's own overlay would add a style tag, which the page's policy forbids. */}
        <div className={styles.overlay} />
        <Radix.Content
          data-modal=""
          className={classes(styles.dialog, narrow && styles.narrow)}
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={focusFirstField}
          onInteractOutside={(event) => held && event.preventDefault()}
        >
          <header className={styles.header}>
            <div>
              <Radix.Title className={styles.title}>{title}</Radix.Title>
              {description && <Radix.Description className={styles.description}>{description}</Radix.Description>}
            </div>
            <Button kind="ghost" icon={<X size={16} />} aria-label="Close" onClick={onClose} />
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
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
