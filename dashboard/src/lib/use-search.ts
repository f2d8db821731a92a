/** The text of a search: at once in the box, a moment later in the address and in what is fetched. */
import { useEffect, useState } from "react";
import { useUrlState } from "./url-state";

const PAUSE_MS = 250;

export function useSearchText(name = "q"): [shown: string, settled: string, change: (text: string) => void] {
  const [state, changeState] = useUrlState();
  const settled = state.get(name) ?? "";
  const [shown, setShown] = useState(settled);
  const [before, setBefore] = useState(settled);
  if (settled !== before) {
    // The address has changed: by us, or by the back button.
    setBefore(settled);
    setShown(settled);
  }
  useEffect(() => {
    if (shown === settled) return;
    const timer = setTimeout(() => changeState({ [name]: shown || null }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [shown, settled, name, changeState]);
  return [shown, settled, setShown];
}

/** The query of a request with these words, or nothing. */
export function searchQuery(words: string): string {
  return words ? `?${new URLSearchParams({ q: words })}` : "";
}
