import type { ReactNode } from "react";
import { Link } from "wouter";
import { classes } from "./classes";
import styles from "./panel.module.css";

interface PanelProps {
  title: string;
  /** A figure beside the title. */
  count?: ReactNode;
  /** At the right of the title. */
  aside?: ReactNode;
  link?: { to: string; text: string };
  padded?: boolean;
  children: ReactNode;
}

/** A bordered part of a page with a heading. */
export function Panel({ title, count, aside, link, padded = true, children }: PanelProps) {
  return (
    <section className={classes(styles.panel, padded && styles.padded)} aria-label={title}>
      <header className={styles.header}>
        <h2 className={styles.title}>
          {title} {count !== undefined && <span className={styles.count}>{count}</span>}
        </h2>
        {aside}
        {link && (
          <Link href={link.to} className={styles.link}>
            {link.text}
          </Link>
        )}
      </header>
      {children}
    </section>
  );
}

/** Names and values below each other. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
