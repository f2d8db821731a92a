import { useEffect, useRef, useState } from "react";
import { isOpen } from "../../lib/jobs";
import type { Job } from "../../lib/types";
import { Follow, type Place } from "./follow";
import type { JobLog } from "./job-log";

export interface Following {
  on: boolean;
  /** Lines that came since the view left the end. */
  missed: number;
  stop(): void;
  toEnd(): void;
  scrolled(place: Place, byReader: boolean): void;
}

/** Whether the view of this log stays at its end; there is nothing to follow once the job is over. */
export function useFollow(log: JobLog, atFirst: boolean, { state, logLines }: Job): Following {
  const [follow] = useState(() => {
    const made = new Follow();
    made.on = atFirst;
    return made;
  });
  const [on, setOn] = useState(atFirst);
  const running = isOpen({ state });
  const left = useRef(atFirst ? 0 : logLines);
  const { newest } = log.window;
  const sync = () => {
    if (follow.on === on) return;
    if (!follow.on) left.current = log.window.newest;
    log.following = follow.on;
    setOn(follow.on);
  };
  useEffect(() => {
    log.following = follow.on;
  }, [log, follow]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it ends
  useEffect(() => {
    if (running) return;
    follow.stop();
    sync();
    left.current = 0;
  }, [running]);
  return {
    on,
    missed: on || left.current === 0 ? 0 : newest - left.current,
    stop: () => {
      follow.stop();
      sync();
    },
    toEnd: () => {
      follow.resume();
      sync();
      void log.toEnd();
    },
    scrolled: (place, byReader) => {
      follow.scrolled(place, byReader);
      if (!log.window.atEnd || !running) follow.stop(); // the bottom of what is here is not the end
      sync();
    },
  };
}
