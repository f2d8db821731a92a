import { useCallback, useEffect, useRef } from "react";

/**
 * Does something that moves the page when the click that is on its way has found what it is for: between pressing and
 * letting go nothing may move, or the click is lost. At once where nothing is pressed.
 */
export function useAtClick(): (act: () => void) => void {
  const pressed = useRef(false);
  useEffect(() => {
    const change = ({ type }: Event) => {
      pressed.current = type === "pointerdown";
    };
    for (const type of ["pointerdown", "pointerup", "pointercancel"]) addEventListener(type, change, true);
    return () => {
      for (const type of ["pointerdown", "pointerup", "pointercancel"]) removeEventListener(type, change, true);
    };
  }, []);
  return useCallback((act) => {
    if (!pressed.current) {
      act();
      return;
    }
    const heard = new AbortController();
    const once = () => {
      if (heard.signal.aborted) return;
      heard.abort();
      act();
    };
    const later = () => setTimeout(once); // the press may end without a click
    addEventListener("click", once, { capture: true, signal: heard.signal });
    addEventListener("pointerup", later, { signal: heard.signal });
    addEventListener("pointercancel", later, { signal: heard.signal });
  }, []);
}
