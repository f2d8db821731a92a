/** Short news in the corner: `toast({ tone: "ok", text: "Node removed" })` from anywhere. */
import { X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
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
    <ol className={styles.viewport} aria-label="News" aria-live="polite" data-toasts="">
      {current.map((news) => (
        <Card key={news.id} news={news} />
      ))}
    </ol>
  );
}

/** A click on news is no click beside a dialog. */
export function isInToasts(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[data-toasts]") !== null;
}

/** Goes away by itself, but not under the pointer or the focus. Esc is left to dialogs and menus. */
function Card({ news: { id, tone, text } }: { news: Shown }) {
  const [held, setHeld] = useState(false);
  const dismiss = () => change(shown.filter((other) => other.id !== id));
  // biome-ignore lint/correctness/useExhaustiveDependencies: it dismisses the same one each time
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(dismiss, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held]);
  return (
    <li
      className={classes(styles.toast, styles[tone])}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span role={tone === "bad" ? "alert" : undefined}>{text}</span>
      <button type="button" className={styles.close} aria-label="Dismiss" onClick={dismiss}>
        <X size={14} />
      </button>
    </li>
  );
}
