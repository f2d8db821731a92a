import { memo } from "react";
import { Beat } from "../lib/node";
import styles from "./beats.module.css";
import { classes } from "./classes";

const LOOK: Record<number, string | undefined> = {
  [Beat.Unknown]: styles.unknown,
  [Beat.Missed]: styles.missed,
  [Beat.Degraded]: styles.degraded,
  [Beat.Received]: styles.received,
};

/** The last heartbeats, newest right; height as well as colour tells them apart. */
export const Beats = memo(function Beats({ beats }: { beats: Uint8Array; revision: number }) {
  return (
    <span className={styles.beats} role="img" aria-label={describe(beats)}>
      {Array.from(beats, (beat, index) => (
        <i key={index} className={classes(styles.beat, LOOK[beat])} />
      ))}
    </span>
  );
});

function describe(beats: Uint8Array): string {
  const known = beats.filter((beat) => beat !== Beat.Unknown).length;
  const missed = beats.filter((beat) => beat === Beat.Missed).length;
  if (known === 0) return "No heartbeat yet";
  return missed > 0 ? `${missed} of the last ${known} heartbeats missed` : `The last ${known} heartbeats were received`;
}
