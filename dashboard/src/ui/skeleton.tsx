import styles from "./skeleton.module.css";

interface SkeletonProps {
  width?: string;
  height?: number;
}

/** The place of something that is being fetched, in its size; it appears only when fetching takes a while. */
export function Skeleton({ width = "100%", height = 12 }: SkeletonProps) {
  return <span className={styles.skeleton} style={{ width, height }} aria-hidden="true" />;
}

/** The lines of a list that is being fetched. */
export function SkeletonLines({ lines, height = 14 }: { lines: number; height?: number }) {
  return (
    <div className={styles.lines} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={height} width={`${90 - ((index * 17) % 40)}%`} />
      ))}
    </div>
  );
}
