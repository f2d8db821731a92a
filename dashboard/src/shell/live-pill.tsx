import { useSyncExternalStore } from "react";
import { useClock } from "../lib/clock";
import type { LinkState } from "../lib/connection";
import { fleet } from "../lib/fleet";
import { formatCount } from "../lib/format";
import { useLinkState } from "../lib/use-fleet";
import { classes } from "../ui/classes";
import styles from "./live-pill.module.css";

const SHOWN_FROM = 5; // updates per second; below that the figure only flickers

/** Whether what is shown is true right now. */
export function LivePill() {
  const state = useLinkState();
  const seconds = useClock((now) => (state.kind === "waiting" ? secondsUntil(state.retryAt, now) : 0));
  const good = state.kind === "live" && !state.delayed;
  return (
    <div className={classes(styles.pill, good ? styles.live : styles.lost)} role="status">
      <span className={styles.dot} aria-hidden="true" />
      <b aria-hidden={state.kind === "waiting" || undefined}>{wordFor(state, seconds)}</b>
      {state.kind === "waiting" && <span className="readers-only">Reconnecting</span>}
      {good && <Rate />}
    </div>
  );
}

function Rate() {
  const rate = useSyncExternalStore(fleet.subscribe, () => fleet.updatesPerSecond);
  if (rate < SHOWN_FROM) return null;
  return (
    <span className={classes(styles.rate, "num", "wide-only")} aria-hidden="true">
      {formatCount(rate)} updates/s
    </span>
  );
}

export function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / 1000));
}

function wordFor(state: LinkState, seconds: number): string {
  switch (state.kind) {
    case "live":
      return state.delayed ? "Delayed" : "Live";
    case "waiting":
      return seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting";
    case "stale":
      return "Stale";
    case "paused":
      return "Paused";
    case "signed-out":
      return "Signed out";
    default:
      return "Connecting";
  }
}
