import { Command, Menu, Moon, OctagonPause, Sun } from "lucide-react";
import { Link, useLocation } from "wouter";
import { useBrake } from "../lib/brake";
import { useForbidden } from "../lib/session";
import { setTheme, useTheme } from "../lib/theme";
import { pageAt } from "../routes";
import { Button } from "../ui/button";
import { Tooltip } from "../ui/tooltip";
import { LivePill } from "./live-pill";
import styles from "./top-bar.module.css";

/** The first eight digits tell jobs apart well enough. */
const UUID = /^([0-9a-f]{8})-[0-9a-f-]{27}$/;

interface TopBarProps {
  onNavigation(): void;
  onHelp(): void;
  onBrake(): void;
}

export function TopBar({ onNavigation, onHelp, onBrake }: TopBarProps) {
  const theme = useTheme();
  return (
    <header className={styles.bar}>
      <Button
        kind="ghost"
        className="phone-only"
        icon={<Menu size={18} />}
        aria-label="Open navigation"
        onClick={onNavigation}
      />
      <Crumbs />
      <LivePill />
      <BrakeButton onBrake={onBrake} />
      <Tooltip text="Keyboard shortcuts (?)">
        <Button
          kind="ghost"
          className="wide-only"
          icon={<Command size={16} />}
          aria-label="Keyboard shortcuts"
          onClick={onHelp}
        />
      </Tooltip>
      <Tooltip text={theme === "dark" ? "Light theme" : "Dark theme"}>
        <Button
          kind="ghost"
          icon={theme === "dark" ? <Sun size={16} /> : <Moon size={16} />}
          aria-label={theme === "dark" ? "Switch to the light theme" : "Switch to the dark theme"}
          onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
        />
      </Tooltip>
    </header>
  );
}

/** Out of the way of a slip: it asks first. While agents are paused the banner takes over. */
function BrakeButton({ onBrake }: { onBrake(): void }) {
  const forbidden = useForbidden("operator");
  const braked = useBrake().data?.braked ?? false;
  return (
    <Button
      kind="ghost"
      icon={<OctagonPause size={16} />}
      aria-label="Pause agents"
      disabled={forbidden !== undefined || braked}
      title={forbidden ?? (braked ? "Agents are paused already" : "Pause agents on every node")}
      onClick={onBrake}
    />
  );
}

/** Group, page, and what of it is open. */
function Crumbs() {
  const [path] = useLocation();
  const page = pageAt(path);
  if (!page) return <div className={styles.crumbs} />;
  const [, detail] = path.slice(page.path.length).split("/");
  return (
    <nav aria-label="Breadcrumb" className={styles.crumbs}>
      <span className="wide-only">{page.group}</span>
      {detail ? <Link href={page.path}>{page.title}</Link> : <b aria-current="page">{page.title}</b>}
      {detail && <b aria-current="page">{decodeURIComponent(detail).replace(UUID, "$1")}</b>}
    </nav>
  );
}
