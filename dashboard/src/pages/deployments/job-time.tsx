import { useClock } from "../../lib/clock";
import { epochOf, formatSpan } from "../../lib/format";
import type { Job } from "../../lib/types";

/** How long a job took, or has taken so far. */
export function JobTime({ job: { startedAt, finishedAt } }: { job: Pick<Job, "startedAt" | "finishedAt"> }) {
  const text = useClock((now) => {
    if (!startedAt) return "–";
    return formatSpan((finishedAt ? epochOf(finishedAt) : now / 1000) - epochOf(startedAt), finishedAt !== null);
  });
  return <span className="num">{text}</span>;
}
