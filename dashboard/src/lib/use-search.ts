/** The text of a search: at once in the box, a moment later in the address and in what is fetched. */
import { useEffect, useState } from "react";
import { useUrlState } from "./url-state";

const PAUSE_MS = 250;

export function useSearchText(name = "q"): [shown: string, settled: string, change: (text: string) => void] {
  const [state, changeState] = useUrlState();
  const settled = state.get(name) ?? "";
  const [shown, setShown] = useState(settled);
  useEffect(() => {
    if (shown === settled) return;
    const timer = setTimeout(() => changeState({ [name]: shown || null }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [shown, settled, name, changeState]);
  return [shown, settled, setShown];
}
