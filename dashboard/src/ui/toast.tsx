/** Short news in the corner: `toast({ tone: "ok", text: "Node removed" })` from anywhere. */
import { X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { classes } from "./classes";
import styles from "./toast.module.css";

export interface Toast {
  tone: "ok" | "bad" | "info";
  text: string;
}

interface Shown extends Toast {
  id: number;
}

const SHOWN_MS = 6000;
const MOST = 4;
let shown: readonly Shown[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

export function toast(news: Toast): void {
  lastId += 1;
  change([...shown, { ...news, id: lastId }].slice(-MOST));
}

function change(next: readonly Shown[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

export function Toasts() {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  return (
    <Radix.Provider duration={SHOWN_MS} swipeDirection="right">
      {current.map(({ id, tone, text }) => (
        <Radix.Root
          key={id}
          type={tone === "bad" ? "foreground" : "background"}
          className={classes(styles.toast, styles[tone])}
          onOpenChange={(open) => open || change(shown.filter((other) => other.id !== id))}
        >
          <Radix.Description>{text}</Radix.Description>
          <Radix.Close className={styles.close} aria-label="Dismiss">
            <X size={14} />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className={styles.viewport} />
    </Radix.Provider>
  );
}
