/** The title and the icon of the tab: how many nodes are in trouble, so that it is seen from another one; then the page. */
import { useEffect, useSyncExternalStore } from "react";
import { showInFavicon } from "./favicon";
import { fleet } from "./lib/fleet";

export function useTitle(page: string): void {
  const troubled = useSyncExternalStore(fleet.subscribe, () => fleet.totals.troubled);
  useEffect(() => {
    document.title = `${troubled > 0 ? `(${troubled}) ` : ""}${page} · Muster`;
  }, [page, troubled]);
  useEffect(() => showInFavicon(troubled), [troubled]);
}
