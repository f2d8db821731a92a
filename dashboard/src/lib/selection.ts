/** Which rows of a list are chosen, by id, independent of React; it lasts as long as the page. */
import { useSyncExternalStore } from "react";

export class Selection {
  private chosen: ReadonlySet<string> = new Set();
  private last: string | null = null;
  private readonly listeners = new Set<() => void>();

  get ids(): ReadonlySet<string> {
    return this.chosen;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get = (): ReadonlySet<string> => this.chosen;

  toggle(id: string): void {
    const next = new Set(this.chosen);
    if (!next.delete(id)) next.add(id);
    this.last = id;
    this.replace(next);
  }

  /** Everything from the last toggled one to this one, in the order that is shown. */
  extend(id: string, shown: readonly string[]): void {
    const [from, to] = [shown.indexOf(this.last ?? id), shown.indexOf(id)];
    if (from < 0 || to < 0) this.toggle(id);
    else this.replace([...this.chosen, ...shown.slice(Math.min(from, to), Math.max(from, to) + 1)]);
  }

  replace(ids: Iterable<string>): void {
    this.chosen = new Set(ids);
    if (this.chosen.size === 0) this.last = null;
    for (const listener of this.listeners) listener();
  }
}

/** The nodes of the Cluster page. */
export const selection = new Selection();

export function useSelection(of = selection): ReadonlySet<string> {
  return useSyncExternalStore(of.subscribe, of.get);
}

export function useIsSelected(id: string): boolean {
  return useSyncExternalStore(selection.subscribe, () => selection.ids.has(id));
}
