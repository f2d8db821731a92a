import { formatShare } from "../lib/format";
import { classes } from "./classes";
import styles from "./meter.module.css";

const HOT = 0.75;
const CRITICAL = 0.9;

interface MeterProps {
  /** From 0 to 1; null when there is nothing to tell. */
  share: number | null;
  label: string;
  tone: "cpu" | "mem";
}

/** A share with its figure; above 75 and 90 per cent it says so by colour, weight and number. */
export function Meter({ share, label, tone }: MeterProps) {
  const heat = share === null ? null : share >= CRITICAL ? styles.critical : share >= HOT ? styles.hot : null;
  return (
    <div className={classes(styles.meter, styles[tone], heat)} {...meterRole(share, label)}>
      <div className={styles.track}>
        <div className={styles.fill} style={{ transform: `scaleX(${share ?? 0})` }} />
      </div>
      <span className={classes(styles.figure, "num")}>{formatShare(share)}</span>
    </div>
  );
}

/** The bare bar, for a figure that stands above it. */
export function Bar({ share, label, tone }: { share: number; label: string; tone: "ok" | "accent" | "cpu" | "mem" }) {
  return (
    <div className={classes(styles.bar, styles[tone])} {...meterRole(share, label)}>
      <div className={styles.fill} style={{ transform: `scaleX(${Math.min(1, share)})` }} />
    </div>
  );
}

function meterRole(share: number | null, label: string) {
  return share === null
    ? { role: "img", "aria-label": `${label}: not known` }
    : {
        role: "meter",
        "aria-label": label,
        "aria-valuemin": 0,
        "aria-valuemax": 100,
        "aria-valuenow": Math.round(share * 100),
      };
}
