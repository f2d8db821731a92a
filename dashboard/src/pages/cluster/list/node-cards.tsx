import { useEffect, useRef, useState } from "react";
import type { FleetNode } from "../../../lib/node";
import { Skeleton } from "../../../ui/skeleton";
import { NodeCard } from "./node-card";
import styles from "./node-cards.module.css";
import { useRecalledPast } from "./use-recalled-past";
import { useSlots } from "./use-slots";

const BATCH = 24;

/** Cards for the rows; more are drawn when the end comes near. */
export function NodeCards({ rows }: { rows: readonly FleetNode[] }) {
  const [most, setMost] = useState(BATCH);
  const list = useRef<HTMLUListElement>(null);
  const drawn = rows.slice(0, most);
  const slotOf = useSlots(drawn, list);
  useRecalledPast(rows);
  return (
    <>
      <ul ref={list} className={styles.cards}>
        {drawn.map((node) => (
          <NodeCard key={slotOf(node)} node={node} />
        ))}
      </ul>
      {rows.length > most && <Near onNear={() => setMost(most + BATCH)} />}
    </>
  );
}

export function NodeCardsSkeleton() {
  return (
    <ul className={styles.cards} aria-hidden="true">
      {Array.from({ length: 6 }, (_, index) => (
        <li key={index} className={styles.place}>
          <Skeleton width="45%" height={14} />
          <Skeleton height={5} width="60%" />
          <Skeleton height={5} width="60%" />
          <Skeleton width="80%" />
        </li>
      ))}
    </ul>
  );
}

/** Tells when it is about to be seen. */
function Near({ onNear }: { onNear(): void }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!mark.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onNear(), { rootMargin: "300px" });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [onNear]);
  return <div ref={mark} />;
}
