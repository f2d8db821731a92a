/** A choice that this browser remembers. Storage may be refused: then it lasts as long as the page. */
import { useSyncExternalStore } from "react";

const held = new Map<string, string | null>();
const listeners = new Set<() => void>();

export function readPreference(name: string): string | null {
  if (!held.has(name)) held.set(name, stored(name));
  return held.get(name) ?? null;
}

export function writePreference(name: string, value: string): void {
  held.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // remembered for this page only
  }
  for (const listener of listeners) listener();
}

export function usePreference(name: string): [string | null, (value: string) => void] {
  const value = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => readPreference(name),
  );
  return [value, (next) => writePreference(name, next)];
}

function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
