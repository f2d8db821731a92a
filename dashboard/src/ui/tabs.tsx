import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { classes } from "./classes";
import styles from "./tabs.module.css";

export interface Tab {
  id: string;
  title: string;
  content: ReactNode;
}

interface TabsProps {
  label: string;
  tabs: readonly Tab[];
  current: string;
  onChange(id: string): void;
  /** Within a dialog: the line reaches from edge to edge. */
  inset?: boolean;
}

export function Tabs({ label, tabs, current, onChange, inset }: TabsProps) {
  return (
    <Radix.Root value={current} onValueChange={onChange} className={styles.tabs}>
      <Radix.List className={classes(styles.list, inset && styles.inset)} aria-label={label}>
        {tabs.map(({ id, title }) => (
          <Radix.Trigger key={id} value={id} className={styles.tab}>
            {title}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map(({ id, content }) => (
        <Radix.Content key={id} value={id} className={styles.content} tabIndex={-1}>
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
