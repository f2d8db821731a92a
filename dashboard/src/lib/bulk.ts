/** The same act on many nodes: a few at a time, each failure kept with its node. */
import { ApiError } from "./api";

const AT_ONCE = 4;
const MOST_TRIES = 10;

export interface BulkProgress {
  done: number;
  of: number;
  failures: readonly BulkFailure[];
  /** Until when the control plane takes no more, epoch milliseconds; null while it does. */
  waitsUntil: number | null;
  ended: boolean;
  /** Those that were left alone because somebody stopped it; known at the end. */
  left: readonly string[];
}

export interface BulkFailure {
  id: string;
  sentence: string;
}

/**
 * `act` may fail with an Error whose message is a sentence; "too many" waits as long as told. Never fails itself.
 * `stop` ends it: what is under way is finished, nothing else begins.
 */
export async function runBulk(
  ids: readonly string[],
  act: (id: string) => Promise<unknown>,
  onProgress: (progress: BulkProgress) => void,
  stop: AbortSignal,
): Promise<BulkProgress> {
  const left = new Set(ids);
  const waiting = [...ids];
  let progress: BulkProgress = { done: 0, of: left.size, failures: [], waitsUntil: null, ended: false, left: [] };
  const note = (change: Partial<BulkProgress>) => {
    progress = { ...progress, ...change };
    onProgress(progress);
  };
  const wait = async (seconds: number) => {
    const until = Date.now() + seconds * 1000;
    note({ waitsUntil: Math.max(until, progress.waitsUntil ?? 0) });
    await pause(seconds, stop);
    if (until === progress.waitsUntil) note({ waitsUntil: null });
  };
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined && !stop.aborted; id = waiting.shift()) {
      const failure = await failureOf(patiently(act, id, wait));
      if (failure === STOPPED) return;
      left.delete(id);
      const failures = failure === null ? progress.failures : [...progress.failures, { id, sentence: failure }];
      note({ done: progress.done + 1, failures });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  note({ ended: true, waitsUntil: null, left: [...left] });
  return progress;
}

const STOPPED = "stopped";

async function patiently(
  act: (id: string) => Promise<unknown>,
  id: string,
  wait: (seconds: number) => Promise<void>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await act(id);
      return;
    } catch (failure) {
      const seconds = failure instanceof ApiError && failure.status === 429 ? failure.retryAfter : null;
      if (seconds === null || tries === MOST_TRIES) throw failure;
      await wait(seconds);
    }
  }
}

/** Throws when it was stopped before or meanwhile. */
function pause(seconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new Error(STOPPED));
    if (stop.aborted) end();
    stop.addEventListener("abort", end, { once: true });
    setTimeout(() => {
      stop.removeEventListener("abort", end);
      resolve();
    }, seconds * 1000);
  });
}

async function failureOf(act: Promise<unknown>): Promise<string | null> {
  try {
    await act;
    return null;
  } catch (failure) {
    return failure instanceof Error ? failure.message : String(failure);
  }
}
