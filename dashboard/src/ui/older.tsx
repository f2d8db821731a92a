import { useEffect, useRef } from "react";
import { Button } from "./button";
import styles from "./older.module.css";

interface OlderProps {
  /** Whether there is more. */
  there: boolean;
  busy: boolean;
  onWanted(): void;
}

/** The end of a list that goes on: more is fetched when it comes into sight, or on request. */
export function Older({ there, busy, onWanted }: OlderProps) {
  const end = useRef<HTMLDivElement>(null);
  const want = useRef(onWanted);
  want.current = onWanted;
  useEffect(() => {
    if (!end.current || !there || busy) return;
    const watcher = new IntersectionObserver(([seen]) => seen?.isIntersecting && want.current(), {
      rootMargin: "400px",
    });
    watcher.observe(end.current);
    return () => watcher.disconnect();
  }, [there, busy]);
  if (!there) return null;
  return (
    <div ref={end} className={styles.older}>
      <Button compact busy={busy} onClick={onWanted}>
        Older
      </Button>
    </div>
  );
}
