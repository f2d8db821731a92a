/** j and k move through the nodes that are shown; Enter opens the one that has the focus, as any link. */
import { useRef } from "react";
import { useShortcut } from "../../../lib/shortcuts";

export function useListKeys() {
  const list = useRef<HTMLDivElement>(null);
  const move = (by: 1 | -1) => {
    const nodes = [...(list.current?.querySelectorAll<HTMLElement>("[data-node]") ?? [])].sort(byPlace);
    const current = nodes.indexOf(document.activeElement as HTMLElement);
    const next = current < 0 ? nodes[0] : nodes[current + by];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  useShortcut("j", "Next node", () => move(1));
  useShortcut("k", "Previous node", () => move(-1));
  useShortcut("x", "Select node", () => checkOf(document.activeElement)?.click());
  useShortcut("Escape", "Leave the list", () => {
    if (list.current?.contains(document.activeElement)) (document.activeElement as HTMLElement).blur();
  });
  return list;
}

/** The box in the row or card of what has the focus. */
function checkOf(focused: Element | null): HTMLElement | null | undefined {
  return focused?.closest("[role=row], li")?.querySelector<HTMLElement>("[data-select]");
}

/** Rows are drawn as they come into view: their order in the page is not the one that is seen. */
function byPlace(a: HTMLElement, b: HTMLElement): number {
  const [left, right] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
  return left.top - right.top || left.left - right.left;
}
