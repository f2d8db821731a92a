/** Lists that the stream does not carry are fetched again when it tells that the fleet changed, at a bounded rate. */
import { useEffect } from "react";
import { type FleetChange, fleet } from "./fleet";

const AT_MOST_EVERY_MS = 2000;

/** `matters` says whether a change concerns the list; give a function that stays the same. */
export function useRefetchOnChange(refetch: () => unknown, matters: (change: FleetChange) => boolean): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = fleet.onChange((change) => {
      if (!matters(change)) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        refetch();
      }, AT_MOST_EVERY_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [refetch, matters]);
}

/** A status is another one, or a node came or went. */
export const statusOrMembers = ({ status, membership }: FleetChange): boolean => status || membership;

/** Anything at all was reported. */
export const anything = (): boolean => true;
