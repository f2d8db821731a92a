import { useEffect, useRef, useState } from "react";
import { fleet } from "../../lib/fleet";
import { formatCountOf } from "../../lib/format";
import type { Status } from "../../lib/node";

const AT_MOST_EVERY_MS = 10_000;

/** For readers: one polite sentence about what changed, never one per heartbeat. */
export function StatusAnnouncer() {
  const [sentence, setSentence] = useState("");
  const told = useRef({ ...fleet.totals.byStatus });
  useEffect(() => {
    const timer = setInterval(() => {
      const next = summary(told.current, fleet.totals.byStatus);
      told.current = { ...fleet.totals.byStatus };
      if (next) setSentence(next);
    }, AT_MOST_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="readers-only" role="status">
      {sentence}
    </p>
  );
}

function summary(before: Record<Status, number>, now: Record<Status, number>): string {
  const gone = now.offline - before.offline;
  const sick = now.degraded - before.degraded;
  const parts = [
    gone > 0 && `${formatCountOf(gone, "node")} went offline`,
    gone < 0 && `${formatCountOf(-gone, "node")} came back`,
    sick > 0 && `${formatCountOf(sick, "node")} became degraded`,
  ];
  return parts.filter(Boolean).join(", ");
}
