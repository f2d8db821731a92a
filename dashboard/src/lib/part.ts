/** Parts of the program that are fetched when they are first needed. */
import { type ComponentType, type LazyExoticComponent, lazy } from "react";

/** Before each question whether the control plane is there again. */
const PAUSES_MS = [200, 1000, 3000];
const RELOADED = "reloaded-for-a-part";
const RELOAD_EVERY_MS = 60_000;

/**
 * React's `lazy`, but for a part that does not come the page is loaded anew: a browser asks for each part only once per
 * visit, and the network may have been away for a moment, or a newer build may have other parts.
 */
// biome-ignore lint/suspicious/noExplicitAny: React's own bound for a component of any properties
export function part<T extends ComponentType<any>>(fetchIt: () => Promise<{ default: T }>): LazyExoticComponent<T> {
  return lazy(() => fetchIt().catch(anew));
}

/** Throws `failure` when loading anew would not help: nobody answers, or it was done a moment ago. */
async function anew(failure: unknown): Promise<never> {
  if (reloadedAMomentAgo() || !(await answers())) throw failure;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
  return new Promise<never>(() => {}); // until this page is gone
}

function reloadedAMomentAgo(): boolean {
  return Date.now() - Number(sessionStorage.getItem(RELOADED) ?? 0) < RELOAD_EVERY_MS;
}

async function answers(): Promise<boolean> {
  for (const pause of PAUSES_MS) {
    await new Promise((done) => setTimeout(done, pause));
    const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
    if (answer?.ok) return true;
  }
  return false;
}
