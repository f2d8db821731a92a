import { useCallback, useEffect, useState } from "react";
import { lineLink, readLineLink } from "./find";

type Range = readonly [first: number, last: number];

/** The chosen lines; in a page that can be linked to they are the `#L12-L20` of its address. */
export function useLineLink(linked: boolean): [Range | null, (number: number, extend: boolean) => void] {
  const [range, setRange] = useState<Range | null>(() => (linked ? readLineLink(location.hash) : null));
  useEffect(() => {
    if (!linked) return;
    const listen = () => setRange(readLineLink(location.hash));
    addEventListener("hashchange", listen);
    return () => removeEventListener("hashchange", listen);
  }, [linked]);
  const choose = useCallback(
    (number: number, extend: boolean) => {
      const next: Range = extend && range ? [Math.min(range[0], number), Math.max(range[0], number)] : [number, number];
      setRange(next);
      if (linked) history.replaceState(history.state, "", lineLink(next));
    },
    [linked, range],
  );
  return [range, choose];
}
