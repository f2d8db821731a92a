import type { ReactNode } from "react";
import styles from "./page.module.css";

interface PageProps {
  title: ReactNode;
  /** A line below the title. */
  summary?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** Where readers are when what had the focus is gone. */
export function focusHeading(): void {
  document.querySelector<HTMLElement>("h1")?.focus();
}

/** Every page: a heading that takes the focus on arrival, its actions, its content. */
export function Page({ title, summary, actions, children }: PageProps) {
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.titles}>
          <h1 tabIndex={-1} className={styles.title}>
            {title}
          </h1>
          {summary && <p className={styles.summary}>{summary}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
