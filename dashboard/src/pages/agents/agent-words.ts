/** Agents in words. */
const SIGNALS: Record<number, string> = { 2: "SIGINT", 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM" };

/** How a process ended: a negative code is the signal that ended it, null is not known. */
export function exitWords(code: number | null): string {
  if (code === null) return "not known how";
  if (code >= 0) return `code ${code}`;
  return `by ${SIGNALS[-code] ?? `signal ${-code}`}`;
}

interface Compared {
  state?: string;
  wanted?: "running" | "stopped" | null;
}

const RUNS: ReadonlySet<string> = new Set(["running", "starting", "restarting", "paused"]);
/** Nobody can tell, or the state says itself that it should run. */
const SAYS_ENOUGH: ReadonlySet<string> = new Set(["unknown", "missing", "unplaced"]);

/** What it should be, when it is seen otherwise; null when all is as wanted. */
export function wantedWords({ state = "", wanted }: Compared): string | null {
  if (!wanted || SAYS_ENOUGH.has(state) || RUNS.has(state) === (wanted === "running")) return null;
  return `should be ${wanted}`;
}
