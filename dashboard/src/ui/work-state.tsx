/** How far a job or one of its steps is: a shape, a colour and a word. */
import type { Job, Step } from "../lib/types";
import { Badge, type Tone } from "./badge";
import { classes } from "./classes";
import styles from "./glyph.module.css";

export type WorkState = Job["state"] | Step["state"];

const WORDS: Record<WorkState, string> = {
  queued: "Queued",
  waiting: "Waiting",
  running: "Running",
  succeeded: "Succeeded",
  failed: "Failed",
  cancelled: "Cancelled",
  skipped: "Skipped",
};

const TONES: Record<WorkState, Tone> = {
  queued: "off",
  waiting: "off",
  running: "info",
  succeeded: "ok",
  failed: "bad",
  cancelled: "off",
  skipped: "off",
};

export function workWord(state: WorkState): string {
  return WORDS[state];
}

export function WorkGlyph({ state, size = 12 }: { state: WorkState; size?: number }) {
  return (
    <svg
      className={classes(styles.glyph, styles[TONES[state]], state === "running" && styles.turning)}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      aria-hidden="true"
    >
      {SHAPES[state]}
    </svg>
  );
}

export function WorkBadge({ state }: { state: WorkState }) {
  return (
    <Badge tone={TONES[state]}>
      <WorkGlyph state={state} size={10} />
      {WORDS[state]}
    </Badge>
  );
}

const dotted = <circle cx="6" cy="6" r="4.2" strokeWidth="1.7" strokeDasharray="1.7 1.6" />;

const SHAPES: Record<WorkState, React.ReactNode> = {
  queued: dotted,
  waiting: <circle cx="6" cy="6" r="2.6" strokeWidth="1.3" />,
  running: <path d="M6 1.6a4.4 4.4 0 1 1-4.4 4.4" strokeLinecap="round" />,
  succeeded: <path d="m1.6 6.6 2.9 2.9 6-6.6" strokeLinecap="round" strokeLinejoin="round" />,
  failed: <path d="m2 2 8 8M10 2l-8 8" strokeLinecap="round" />,
  cancelled: (
    <>
      <circle cx="6" cy="6" r="4.5" strokeWidth="1.6" />
      <path d="m3 9 6-6" strokeWidth="1.5" />
    </>
  ),
  skipped: <path d="M2.5 6h7" strokeLinecap="round" />,
};
