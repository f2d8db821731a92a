/** Shift and a click on a box: the list knows the order, the row does not. */
import { type RefObject, useEffect } from "react";
import type { FleetNode } from "../../../lib/node";
import { selection } from "../../../lib/selection";

export function useRangeSelection(list: RefObject<HTMLElement | null>, rows: readonly FleetNode[]): void {
  useEffect(() => {
    const element = list.current;
    const extend = (event: Event) => {
      const shown = rows.map(({ id }) => id);
      selection.extend((event as CustomEvent<string>).detail, shown);
    };
    element?.addEventListener("select-to", extend);
    return () => element?.removeEventListener("select-to", extend);
  }, [list, rows]);
}
