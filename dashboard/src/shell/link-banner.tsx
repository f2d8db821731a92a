import { useClock } from "../lib/clock";
import { formatDuration } from "../lib/format";
import { stream } from "../lib/stream";
import { useLinkState } from "../lib/use-fleet";
import styles from "./link-banner.module.css";
import { secondsUntil } from "./live-pill";

const SHOWN_AFTER_S = 5;

/** Says how old the page is while nothing comes in; short interruptions are not worth a word. */
export function LinkBanner() {
  const state = useLinkState();
  const age = useClock((now) => (stream.pausedSince === null ? 0 : Math.floor((now - stream.pausedSince) / 1000)));
  const wait = useClock((now) => (state.kind === "waiting" ? secondsUntil(state.retryAt, now) : 0));
  if (stream.newBuild) return <NewBuild />;
  if (state.kind === "live" && state.delayed) {
    return <Banner strong="Live updates are delayed.">The control plane hears changes late; figures catch up.</Banner>;
  }
  if (stream.pausedSince === null || age < SHOWN_AFTER_S) return null;
  return (
    <Banner strong="Live updates paused.">
      Showing the state from {formatDuration(age)} ago. {wait > 0 && `Retrying in ${wait} s. `}
      <button type="button" className={styles.link} onClick={() => stream.retryNow()}>
        Retry now
      </button>
    </Banner>
  );
}

function NewBuild() {
  return (
    <Banner strong="A new version is running.">
      This page still works.{" "}
      <button type="button" className={styles.link} onClick={() => location.reload()}>
        Reload when it suits you
      </button>
    </Banner>
  );
}

function Banner({ strong, children }: { strong: string; children: React.ReactNode }) {
  return (
    <section className={styles.banner} aria-label="Live updates">
      <b className={styles.strong}>{strong}</b>
      <span>{children}</span>
    </section>
  );
}
