import type { ReactNode } from "react";
import { formatCores, formatCount, formatMemory, formatShare } from "../../lib/format";
import type { Totals } from "../../lib/totals";
import { useFleet } from "../../lib/use-fleet";
import { classes } from "../../ui/classes";
import { Bar } from "../../ui/meter";
import { Skeleton } from "../../ui/skeleton";
import styles from "./stats-strip.module.css";

/** The fleet in five figures, each with a bar and one line of meaning. */
export function StatsStrip() {
  const { totals } = useFleet();
  const { nodes, byStatus, agents, agentNodes, cpus, busyCpus, memoryMb, usedMemoryMb } = totals;
  const up = byStatus.online + byStatus.degraded;
  return (
    <section className={styles.strip} aria-label="Totals of the fleet">
      <Stat title="Total nodes" figure={formatCount(nodes)} note={troubleNote(totals)}>
        <StatusSplit totals={totals} />
      </Stat>
      <Stat
        title="Online"
        figure={formatCount(byStatus.online)}
        good
        note={`${formatShare(share(byStatus.online, nodes))} of the fleet`}
      >
        <Bar share={share(byStatus.online, nodes)} tone="ok" label="Share of nodes online" />
      </Stat>
      <Stat
        title="Running agents"
        figure={formatCount(agents)}
        note={`on ${formatCount(agentNodes)} of ${formatCount(up)} nodes`}
      >
        <Bar share={share(agentNodes, up)} tone="accent" label="Share of nodes that run agents" />
      </Stat>
      <Stat
        title="CPUs"
        figure={formatCount(cpus)}
        note={`${formatCores(busyCpus)} cores busy, ${formatShare(share(busyCpus, cpus))}`}
      >
        <Bar share={share(busyCpus, cpus)} tone="cpu" label="CPU in use" />
      </Stat>
      <Stat
        title="Memory"
        figure={formatMemory(memoryMb)}
        note={`${formatMemory(usedMemoryMb)} used, ${formatShare(share(usedMemoryMb, memoryMb))}`}
      >
        <Bar share={share(usedMemoryMb, memoryMb)} tone="mem" label="Memory in use" />
      </Stat>
    </section>
  );
}

export function StatsStripSkeleton() {
  return (
    <section className={styles.strip} aria-hidden="true">
      {["nodes", "online", "agents", "cpus", "memory"].map((name) => (
        <div key={name} className={classes(styles.stat, styles.loading)}>
          <Skeleton width="50%" />
          <Skeleton width="34%" height={26} />
          <Skeleton width="60%" />
        </div>
      ))}
    </section>
  );
}

interface StatProps {
  title: string;
  figure: string;
  note: string;
  good?: boolean;
  children: ReactNode;
}

function Stat({ title, figure, note, good, children }: StatProps) {
  return (
    <div className={styles.stat}>
      <span className={styles.title}>{title}</span>
      <b className={classes(styles.figure, good && styles.good)}>{figure}</b>
      {children}
      <small className={styles.note}>{note}</small>
    </div>
  );
}

function StatusSplit({ totals: { byStatus } }: { totals: Totals }) {
  return (
    <div className={styles.split} aria-hidden="true">
      {byStatus.online > 0 && <span className={styles.online} style={{ flexGrow: byStatus.online }} />}
      {byStatus.degraded > 0 && <span className={styles.degraded} style={{ flexGrow: byStatus.degraded }} />}
      {byStatus.offline > 0 && <span className={styles.offline} style={{ flexGrow: byStatus.offline }} />}
    </div>
  );
}

function troubleNote({ byStatus, troubled }: Totals): string {
  if (troubled === 0) return "all of them online";
  return `${formatCount(byStatus.degraded)} degraded, ${formatCount(byStatus.offline)} offline`;
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, part / whole) : 0;
}
