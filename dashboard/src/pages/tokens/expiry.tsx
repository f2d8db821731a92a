import { useClock } from "../../lib/clock";
import { epochOf } from "../../lib/format";
import { Badge } from "../../ui/badge";
import { Until } from "../../ui/time";
import { tokenState } from "./token-state";

interface ExpiryProps {
  expiresAt: string | null;
  revokedAt: string | null;
  usesLeft?: number;
}

/** How long a token still counts, ticking, or why it does not count any more. */
export function Expiry(limits: ExpiryProps) {
  const state = useClock((now) => tokenState(limits, now));
  if (state !== "active") return <Badge tone="off">{state}</Badge>;
  return limits.expiresAt === null ? (
    "never"
  ) : (
    <>
      in <Until at={epochOf(limits.expiresAt)} />
    </>
  );
}

/** Whether it counts right now. */
export function useCounts(limits: ExpiryProps): boolean {
  return useClock((now) => tokenState(limits, now) === "active");
}
