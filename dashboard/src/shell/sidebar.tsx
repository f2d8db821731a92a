import { Boxes, Search, X } from "lucide-react";
import { Link, useLocation } from "wouter";
import { useSession } from "../lib/session";
import { GROUPS, PAGES, type PageRoute } from "../routes";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
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
  const [current] = useLocation();
  if (pages.length === 0) return null;
  return (
    <div>
      <h2 className={styles.groupTitle}>{title}</h2>
      {pages.map(({ path, title: name, icon: Icon }) => (
        <Link
          key={path}
          href={path}
          className={styles.page}
          aria-current={current === path || current.startsWith(`${path}/`) ? "page" : undefined}
        >
          <Icon size={15} strokeWidth={1.75} aria-hidden="true" />
          {name}
        </Link>
      ))}
    </div>
  );
}

function Person() {
  const { data: session } = useSession();
  if (!session?.user) return null;
  const { name, role } = session.user;
  return (
    <div className={styles.person}>
      <span className={styles.avatar} aria-hidden="true">
        {name.slice(0, 2).toUpperCase()}
      </span>
      <span>
        <b>{session.auth === "off" ? "Everybody" : name}</b>
        <small>{session.auth === "off" ? "Sign-in is off" : role}</small>
      </span>
    </div>
  );
}

function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
