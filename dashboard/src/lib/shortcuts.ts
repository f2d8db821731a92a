/** Keys: single ones and `g` then a letter. They do nothing while somebody types, and can be switched off. */
import { useEffect, useRef } from "react";
import { readPreference } from "./preference";

export const SHORTCUTS_OFF = "shortcuts-off";
const SEQUENCE_MS = 1000;

export interface Shortcut {
  /** "/", "?", "g c". */
  keys: string;
  does: string;
}

interface Registered extends Shortcut {
  act: (event: KeyboardEvent) => void;
}

const registered = new Set<Registered>();
let leader: { key: string; at: number } | null = null;

/** All that work on this page now, for the help. */
export function activeShortcuts(): Shortcut[] {
  return [...registered].filter(({ does }) => does !== "");
}

export function useShortcut(keys: string, does: string, act: (event: KeyboardEvent) => void): void {
  const newest = useRef(act);
  newest.current = act;
  useEffect(() => {
    const entry: Registered = { keys, does, act: (event) => newest.current(event) };
    registered.add(entry);
    return () => {
      registered.delete(entry);
    };
  }, [keys, does]);
}

export function startShortcuts(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (readPreference(SHORTCUTS_OFF) === "1" || isTyping(event.target) || isInDialog(event.target)) return;
    const found = find(event.key, event.timeStamp);
    if (!found) return;
    event.preventDefault();
    found.act(event);
  });
}

function find(key: string, at: number): Registered | undefined {
  const sequence = leader && at - leader.at < SEQUENCE_MS ? `${leader.key} ${key}` : key;
  leader = key === "g" ? { key, at } : null;
  return [...registered].findLast(({ keys }) => keys === sequence);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[role="dialog"], [role="menu"]') !== null;
}
