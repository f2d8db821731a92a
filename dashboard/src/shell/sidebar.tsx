import { Boxes, Lock, Search, X } from "lucide-react";
import { Link, useLocation } from "wouter";
import { useForbidden } from "../lib/session";
import { GROUPS, PAGES, type PageRoute } from "../routes";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { Person } from "./person";
import styles from "./sidebar.module.css";

interface SidebarProps {
  open: boolean;
  onClose(): void;
  onJump(): void;
}

/** The pages in their groups; a drawer on a phone. */
export function Sidebar({ open, onClose, onJump }: SidebarProps) {
  return (
    <>
      {open && <button type="button" className={styles.scrim} aria-label="Close navigation" onClick={onClose} />}
      <aside className={classes(styles.sidebar, open && styles.open)} aria-label="Navigation">
        <div className={styles.brand}>
          <span className={styles.mark}>
            <Boxes size={16} aria-hidden="true" />
          </span>
          <span>
            <b>Muster</b>
            <small>Control plane</small>
          </span>
          <Button
            kind="ghost"
            className="phone-only"
            icon={<X size={16} />}
            aria-label="Close navigation"
            onClick={onClose}
          />
        </div>
        <button type="button" className={styles.jump} onClick={onJump}>
          <Search size={14} aria-hidden="true" />
          <span>Jump to…</span>
          <kbd>{isApple() ? "⌘K" : "Ctrl K"}</kbd>
        </button>
        <nav className={styles.groups} aria-label="Pages">
          {GROUPS.map((group) => (
            <Group key={group} title={group} pages={PAGES.filter((page) => page.group === group)} />
          ))}
        </nav>
        <Person />
      </aside>
    </>
  );
}

function Group({ title, pages }: { title: string; pages: readonly PageRoute[] }) {
  if (pages.length === 0) return null;
  return (
    <div>
      <h2 className={styles.groupTitle}>{title}</h2>
      {pages.map((page) => (
        <PageLink key={page.path} page={page} />
      ))}
    </div>
  );
}

/** A page that the person may not use is still listed, so that they know that it is there. */
function PageLink({ page: { path, title, icon: Icon, role = "viewer", count, counted } }: { page: PageRoute }) {
  const [current] = useLocation();
  const forbidden = useForbidden(role);
  return (
    <Link
      href={path}
      className={styles.page}
      title={forbidden}
      aria-current={current === path || current.startsWith(`${path}/`) ? "page" : undefined}
    >
      <Icon size={15} strokeWidth={1.75} aria-hidden="true" />
      {title}
      {count && <Count use={count} what={counted} />}
      {forbidden && <Lock size={13} className={styles.lock} role="img" aria-label={forbidden} />}
    </Link>
  );
}

/** Only where something waits. */
function Count({ use, what }: { use(): number; what: PageRoute["counted"] }) {
  const count = use();
  return count > 0 ? (
    <span className={styles.count}>
      {count}
      <span className="readers-only"> {what}</span>
    </span>
  ) : null;
}

function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
