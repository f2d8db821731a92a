import { memo } from "react";
import { Beat } from "../lib/node";
import styles from "./beats.module.css";

const BAR = 3; // pixels
const PITCH = 4;
const HEIGHT = 13;

/** Those that look the same are one path: a dozen elements for each of many cards would be felt. */
const LOOKS = [
  { beat: Beat.Unknown, className: styles.unknown, height: HEIGHT },
  { beat: Beat.Missed, className: styles.missed, height: 3 },
  { beat: Beat.Degraded, className: styles.degraded, height: 8 },
  { beat: Beat.Received, className: styles.received, height: HEIGHT },
];

/** The last heartbeats, newest right; height as well as colour tells them apart. */
export const Beats = memo(function Beats({ beats }: { beats: Uint8Array; revision: number }) {
  return (
    <svg
      className={styles.beats}
      width={beats.length * PITCH - (PITCH - BAR)}
      height={HEIGHT}
      role="img"
      aria-label={describe(beats)}
    >
      {LOOKS.map(({ beat, className, height }) =>
        beats.includes(beat) ? <path key={beat} className={className} d={barsOf(beats, beat, height)} /> : null,
      )}
    </svg>
  );
});

/** Upright bars on a common ground, as a path to be filled. */
function barsOf(beats: Uint8Array, wanted: number, height: number): string {
  let path = "";
  beats.forEach((beat, index) => {
    if (beat === wanted) path += `M${index * PITCH} ${HEIGHT}v${-height}h${BAR}v${height}z`;
  });
  return path;
}

function describe(beats: Uint8Array): string {
  const known = beats.filter((beat) => beat !== Beat.Unknown).length;
  const missed = beats.filter((beat) => beat === Beat.Missed).length;
  if (known === 0) return "No heartbeat yet";
  return missed > 0 ? `${missed} of the last ${known} heartbeats missed` : `The last ${known} heartbeats were received`;
}
