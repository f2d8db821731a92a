import { memo, type ReactNode } from "react";
import styles from "./badge.module.css";
import { classes } from "./classes";

export type Tone = "ok" | "warn" | "off" | "bad" | "info";

/** A short word on a tint: the word says it, the colour repeats it. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={classes(styles.badge, styles[tone])}>{children}</span>;
}

/** A tag such as a capability. */
export function Chip({ children }: { children: ReactNode }) {
  return <span className={styles.chip}>{children}</span>;
}

/** The first few tags, and how many more there are. */
export const Chips = memo(function Chips({ names, most = 3 }: { names: readonly string[]; most?: number }) {
  const hidden = names.slice(most);
  return (
    <span className={styles.chips}>
      {names.slice(0, most).map((name) => (
        <Chip key={name}>{name}</Chip>
      ))}
      {hidden.length > 0 && (
        <span className={styles.chip} title={hidden.join(", ")}>
          +{hidden.length}
        </span>
      )}
    </span>
  );
});
