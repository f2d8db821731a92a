import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { classes } from "./classes";
import styles from "./menu.module.css";

interface MenuProps {
  trigger: ReactNode;
  align?: "start" | "end";
  children: ReactNode;
}

/** A menu below its trigger. Not modal: Radix's scroll lock would add a style tag, which the page's policy forbids. */
export function Menu({ trigger, align = "end", children }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <MenuContent align={align}>{children}</MenuContent>
    </Radix.Root>
  );
}

interface MenuContentProps {
  align: "start" | "end";
  /** The id of the button that opened it, when that is not the trigger. */
  openedBy?: string;
  children: ReactNode;
}

export function MenuContent({ align, openedBy, children }: MenuContentProps) {
  const label = openedBy === undefined ? {} : { "aria-labelledby": openedBy };
  return (
    <Radix.Portal>
      <Radix.Content className={styles.menu} align={align} sideOffset={4} collisionPadding={8} {...label}>
        {children}
      </Radix.Content>
    </Radix.Portal>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  /** Why it is disabled. */
  title?: string;
  onSelect(): void;
  children: ReactNode;
}

export function MenuItem({ icon, danger, disabled, title, onSelect, children }: MenuItemProps) {
  return (
    <Radix.Item
      className={classes(styles.item, danger && styles.danger)}
      disabled={disabled}
      title={title}
      onSelect={onSelect}
    >
      {icon}
      {children}
    </Radix.Item>
  );
}

export function MenuCheck({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange(): void;
  children: ReactNode;
}) {
  return (
    <Radix.CheckboxItem
      className={styles.item}
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      <span className={styles.tick} aria-hidden="true">
        {checked ? "✓" : ""}
      </span>
      {children}
    </Radix.CheckboxItem>
  );
}

export function MenuLine() {
  return <Radix.Separator className={styles.line} />;
}
