/** Whether a token still counts. */
export type TokenState = "active" | "used up" | "expired" | "revoked";

interface Limits {
  expiresAt: string | null;
  revokedAt: string | null;
  usesLeft?: number;
}

/** `now` is epoch milliseconds. */
export function tokenState({ expiresAt, revokedAt, usesLeft }: Limits, now: number): TokenState {
  if (revokedAt !== null) return "revoked";
  if (usesLeft === 0) return "used up";
  return expiresAt !== null && Date.parse(expiresAt) <= now ? "expired" : "active";
}
