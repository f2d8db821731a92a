/** A node's state as shape, colour and word: the shape carries the meaning, the colour repeats it. */
import type { Status } from "../lib/node";
import { Badge, type Tone } from "./badge";
import { classes } from "./classes";
import styles from "./glyph.module.css";

export type Condition = Status | "cordoned" | "never-seen";

interface Judged {
  status: Status;
  reason: string;
  schedulable: boolean;
}

/** One word for reachability and cordon together. */
export function conditionOf({ status, reason, schedulable }: Judged): Condition {
  if (reason === "never_seen") return "never-seen";
  return status !== "offline" && !schedulable ? "cordoned" : status;
}

const TONES: Record<Condition, Tone> = {
  online: "ok",
  degraded: "warn",
  offline: "off",
  cordoned: "info",
  "never-seen": "off",
};

const WORDS: Record<Condition, string> = {
  online: "Online",
  degraded: "Degraded",
  offline: "Offline",
  cordoned: "Cordoned",
  "never-seen": "Waiting",
};

export function conditionWord(condition: Condition): string {
  return WORDS[condition];
}

export function StatusGlyph({ condition, size = 12 }: { condition: Condition; size?: number }) {
  return (
    <svg
      className={classes(styles.glyph, styles[TONES[condition]])}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      aria-hidden="true"
    >
      {SHAPES[condition]}
    </svg>
  );
}

export function StatusBadge({ condition }: { condition: Condition }) {
  return <Badge tone={TONES[condition]}>{WORDS[condition]}</Badge>;
}

const SHAPES: Record<Condition, React.ReactNode> = {
  online: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  degraded: <path d="M6 .9 11.5 10.8H.5z" fill="currentColor" />,
  offline: <circle cx="6" cy="6" r="3.9" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  cordoned: (
    <>
      <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M4.7 4v4M7.3 4v4" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
  "never-seen": (
    <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.7" strokeDasharray="1.7 1.6" />
  ),
};
