/** Lists that the stream does not carry are fetched again when it tells that the fleet changed, at a bounded rate. */
import { useEffect } from "react";
import { type Fleet, type FleetChange, fleet } from "./fleet";

const AT_MOST_EVERY_MS = 2000;
/** What took long to answer is asked for less often: a tenth of the time at most goes by with asking. */
const REST = 10;

/** `matters` says whether a change concerns the list; give functions that stay the same. `refetch` must not fail. */
export function useRefetchOnChange(refetch: () => Promise<unknown>, matters: (change: FleetChange) => boolean): void {
  useEffect(() => refetchOnChange(fleet, refetch, matters), [refetch, matters]);
}

/** Returns what ends it. A change that comes while the list is on its way leads to one more fetch after it. */
export function refetchOnChange(
  fleet: Fleet,
  refetch: () => Promise<unknown>,
  matters: (change: FleetChange) => boolean,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = AT_MOST_EVERY_MS;
  const state = { fetching: false, outdated: false, ended: false };
  const schedule = () => {
    timer ??= setTimeout(() => void fetchAgain(), pause);
  };
  const fetchAgain = async () => {
    timer = undefined;
    state.fetching = true;
    state.outdated = false;
    const began = performance.now();
    await refetch();
    pause = Math.max(AT_MOST_EVERY_MS, REST * (performance.now() - began));
    state.fetching = false;
    if (state.outdated && !state.ended) schedule();
  };
  const stop = fleet.onChange((change) => {
    if (!matters(change)) return;
    if (state.fetching) state.outdated = true;
    else schedule();
  });
  return () => {
    stop();
    clearTimeout(timer);
    state.ended = true;
  };
}

/** A status is another one, or a node came or went. */
export const statusOrMembers = ({ status, membership }: FleetChange): boolean => status || membership;

/** Anything at all was reported. */
export const anything = (): boolean => true;
