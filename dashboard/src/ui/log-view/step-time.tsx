import { useClock } from "../../lib/clock";
import { epochOf, formatSpan } from "../../lib/format";
import type { Step } from "../../lib/types";

/** How long a step took, or has taken so far. */
export function StepTime({ step: { state, startedAt, finishedAt } }: { step: Step }) {
  const text = useClock((now) => {
    if (!startedAt || state === "skipped" || state === "waiting") return "";
    const end = finishedAt ? epochOf(finishedAt) : now / 1000;
    return formatSpan(end - epochOf(startedAt), finishedAt !== null);
  });
  return <span className="num">{text}</span>;
}
