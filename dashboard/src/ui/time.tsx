import { memo } from "react";
import { useClock } from "../lib/clock";
import { formatAge, formatCountdown, formatDuration, formatMoment } from "../lib/format";

interface SinceProps {
  /** Epoch seconds. */
  at: number;
  suffix?: string;
}

/** How long ago, ticking by itself; the exact moment is in the tooltip. */
export const Since = memo(function Since({ at, suffix = " ago" }: SinceProps) {
  const age = useClock((now) => formatAge(now / 1000 - at));
  return (
    <time className="num" dateTime={new Date(at * 1000).toISOString()} title={formatMoment(at)}>
      {age}
      {suffix}
    </time>
  );
});

/** The same as a text of full words: "12 min". */
export const Lasting = memo(function Lasting({ since }: { since: number }) {
  const text = useClock((now) => formatDuration(now / 1000 - since));
  return <span className="num">{text}</span>;
});

/** How long until then, ticking; the exact moment is in the tooltip. */
export const Until = memo(function Until({ at }: { at: number }) {
  const left = useClock((now) => formatCountdown(at - now / 1000));
  return (
    <time className="num" dateTime={new Date(at * 1000).toISOString()} title={formatMoment(at)}>
      {left}
    </time>
  );
});
