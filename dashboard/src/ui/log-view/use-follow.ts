import { useEffect, useRef, useState } from "react";
import { Follow, type Place } from "./follow";
import type { JobLog } from "./job-log";

export interface Following {
  on: boolean;
  /** Lines that came since the view left the end. */
  missed: number;
  stop(): void;
  toEnd(): void;
  scrolled(place: Place, selecting: boolean): void;
}

/** Whether the view of this log stays at its end; there is nothing to follow once the job is over. */
export function useFollow(log: JobLog, atFirst: boolean, running: boolean): Following {
  const [follow] = useState(() => {
    const made = new Follow();
    made.on = atFirst;
    return made;
  });
  const [on, setOn] = useState(atFirst);
  const left = useRef(0);
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
    scrolled: (place, selecting) => {
      follow.scrolled(place, selecting);
      if (!log.window.atEnd || !running) follow.stop(); // the bottom of what is here is not the end
      sync();
    },
  };
}
