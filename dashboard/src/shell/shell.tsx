import { type ReactNode, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { useShortcut } from "../lib/shortcuts";
import { PAGES } from "../routes";
import { Toasts } from "../ui/toast";
import { BrakeBanner } from "./brake/brake-banner";
import { BrakeDialog } from "./brake/brake-dialog";
import { LinkBanner } from "./link-banner";
import { Palette } from "./palette";
import styles from "./shell.module.css";
import { ShortcutHelp } from "./shortcut-help";
import { Sidebar } from "./sidebar";
import { TopBar } from "./top-bar";

/** What stands around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const [navigationOpen, setNavigationOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const [brakeOpen, setBrakeOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the navigation of a phone
  useEffect(() => setNavigationOpen(false), [path]);
  usePaletteKey(() => setPaletteOpen((open) => !open));
  useShortcut("?", "Show this list", () => setHelpOpen(true));
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        Skip to content
      </a>
      <Sidebar open={navigationOpen} onClose={() => setNavigationOpen(false)} onJump={() => setPaletteOpen(true)} />
      <div className={styles.column}>
        <TopBar
          onNavigation={() => setNavigationOpen(true)}
          onHelp={() => setHelpOpen(true)}
          onBrake={() => setBrakeOpen(true)}
        />
        <LinkBanner />
        <BrakeBanner />
        <main id="content" tabIndex={-1} className={styles.content}>
          {children}
        </main>
      </div>
      {PAGES.map(({ path: to, title, shortcut }) =>
        shortcut ? <GoShortcut key={to} keys={shortcut} to={to} title={title} /> : null,
      )}
      <Palette open={paletteOpen} onClose={() => setPaletteOpen(false)} onBrake={() => setBrakeOpen(true)} />
      <ShortcutHelp open={helpOpen} onClose={() => setHelpOpen(false)} />
      {brakeOpen && <BrakeDialog onClose={() => setBrakeOpen(false)} />}
      <Toasts />
    </div>
  );
}

function GoShortcut({ keys, to, title }: { keys: string; to: string; title: string }) {
  const [, navigate] = useLocation();
  useShortcut(keys, `Go to ${title}`, () => navigate(to));
  return null;
}

/** Ctrl or Cmd with K, wherever the focus is. */
function usePaletteKey(act: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  });
}
