/** Rows and cards take over the elements of those that went: to change them costs a third of making new ones. */
import { type RefObject, useRef } from "react";
import type { FleetNode } from "../../../lib/node";

/** The key of each node that is drawn. It is kept while the node is; afterwards another node may have it. */
export function useSlots(
  drawn: readonly FleetNode[],
  list: RefObject<HTMLElement | null>,
): (node: FleetNode) => number {
  const slots = useRef<ReadonlyMap<string, number>>(new Map());
  // The focus must not pass to another node, so elements that may have it are never handed on.
  const reuse = !list.current?.contains(document.activeElement);
  const ids = drawn.map(({ id }) => id);
  slots.current = assignSlots(slots.current, ids, reuse);
  return ({ id }) => slots.current.get(id) ?? -1;
}

/** By node id. What stays keeps its slot; what comes takes a free one in the same order, so that nothing has to move. */
export function assignSlots(
  before: ReadonlyMap<string, number>,
  ids: readonly string[],
  reuse: boolean,
): ReadonlyMap<string, number> {
  const shown = new Set(ids);
  const free = reuse ? [...before].filter(([id]) => !shown.has(id)).map(([, slot]) => slot) : [];
  let fresh = Math.max(-1, ...before.values());
  return new Map(ids.map((id) => [id, before.get(id) ?? free.shift() ?? ++fresh]));
}
