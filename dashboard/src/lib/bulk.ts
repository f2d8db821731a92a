/** The same act on many nodes: a few at a time, each failure kept with its node. */
import { ApiError } from "./api";

const AT_ONCE = 4;
const MOST_TRIES = 10;

export interface BulkProgress {
  done: number;
  of: number;
  failures: readonly BulkFailure[];
}

export interface BulkFailure {
  id: string;
  sentence: string;
}

/** `act` may fail with an Error whose message is a sentence; "too many" waits as long as told. Never fails itself. */
export async function runBulk(
  ids: readonly string[],
  act: (id: string) => Promise<unknown>,
  onProgress: (progress: BulkProgress) => void,
): Promise<BulkProgress> {
  const waiting = [...ids];
  let progress: BulkProgress = { done: 0, of: ids.length, failures: [] };
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const failure = await failureOf(patiently(() => act(id)));
      const failures = failure === null ? progress.failures : [...progress.failures, { id, sentence: failure }];
      progress = { ...progress, done: progress.done + 1, failures };
      onProgress(progress);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return progress;
}

async function patiently(act: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await act();
      return;
    } catch (failure) {
      const seconds = failure instanceof ApiError && failure.status === 429 ? failure.retryAfter : null;
      if (seconds === null || tries === MOST_TRIES) throw failure;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}

async function failureOf(act: Promise<unknown>): Promise<string | null> {
  try {
    await act;
    return null;
  } catch (failure) {
    return failure instanceof Error ? failure.message : String(failure);
  }
}
