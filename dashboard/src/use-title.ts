/** The title and the icon of the tab: how many nodes are in trouble, so that it is seen from another one; then the page. */
import { useEffect } from "react";
import { showInFavicon } from "./favicon";
import { useFleetValue } from "./lib/use-fleet";

const MOST = 99; // who sees more from another tab comes to look; each new title takes the browser a millisecond

export function useTitle(page: string): void {
  const troubled = useFleetValue(({ totals }) => countOf(totals.troubled));
  useEffect(() => {
    document.title = `${troubled && `(${troubled}) `}${page} · Muster`;
  }, [page, troubled]);
  useEffect(() => showInFavicon(troubled), [troubled]);
}

/** "" when there is nothing to count. */
function countOf(troubled: number): string {
  if (troubled > MOST) return `${MOST}+`;
  return troubled > 0 ? String(troubled) : "";
}
