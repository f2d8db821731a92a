import { ChevronDown, ChevronUp, CircleAlert, Clock, Copy, Download, Link2, WrapText } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { formatCount } from "../../lib/format";
import type { LogLine } from "../../lib/types";
import { Button } from "../button";
import { copyText } from "../copy-button";
import { SearchBox } from "../search-box";
import { toast } from "../toast";
import { readLine } from "./find";
import styles from "./log-view.module.css";
import type { Found } from "./use-log-search";

interface LogToolbarProps {
  text: string;
  onText(text: string): void;
  /** Null when nothing is looked for. */
  found: Found | null;
  /** The line that is in sight now. */
  at: number | null;
  onGo(line: LogLine): void;
  errorsOnly: boolean;
  onErrorsOnly(on: boolean): void;
  times: boolean;
  onTimes(on: boolean): void;
  wrap: boolean;
  onWrap(on: boolean): void;
  /** The address of the chosen lines. */
  link: string | null;
  /** What Copy takes: the chosen lines, or all that are shown. */
  lines: readonly LogLine[];
  all(): Promise<readonly LogLine[]>;
  /** Of the file that Download makes. */
  name: string;
  state: ReactNode;
}

export function LogToolbar(props: LogToolbarProps) {
  const { text, onText, found, at, onGo, errorsOnly, onErrorsOnly, times, onTimes, wrap, onWrap } = props;
  const box = useRef<HTMLInputElement>(null);
  useFindKey(box);
  const go = (step: number) => {
    const next = neighbour(found?.lines ?? [], at, step);
    if (next) onGo(next);
  };
  return (
    <div className={styles.toolbar}>
      <div className={styles.find}>
        <SearchBox
          label="Find in log"
          placeholder="Find in log"
          value={text}
          onChange={onText}
          inputRef={box}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            go(event.shiftKey ? -1 : 1);
          }}
        />
      </div>
      {found && (
        <>
          <span className={styles.count} role="status">
            {countOf(found, at)}
          </span>
          <Button compact kind="ghost" icon={<ChevronUp size={15} />} aria-label="Previous" onClick={() => go(-1)} />
          <Button compact kind="ghost" icon={<ChevronDown size={15} />} aria-label="Next" onClick={() => go(1)} />
        </>
      )}
      <span className={styles.tools}>
        {props.state}
        <Toggle label="Errors only" icon={<CircleAlert size={15} />} on={errorsOnly} onChange={onErrorsOnly} />
        <Toggle label="Times" icon={<Clock size={15} />} on={times} onChange={onTimes} />
        <Toggle label="Wrap long lines" icon={<WrapText size={15} />} on={wrap} onChange={onWrap} />
        <Taking {...props} />
      </span>
    </div>
  );
}

function Taking({ link, lines, all, name, times }: LogToolbarProps) {
  const [busy, setBusy] = useState(false);
  const copy = async (text: string, what: string) =>
    toast((await copyText(text)) ? { tone: "ok", text: `${what} copied` } : { tone: "bad", text: "Copying failed" });
  const download = async () => {
    setBusy(true);
    try {
      save(name, textOf(await all(), times));
    } catch (failure) {
      toast({ tone: "bad", text: (failure as Error).message });
    }
    setBusy(false);
  };
  return (
    <>
      {link && (
        <IconButton label="Copy link to lines" icon={<Link2 size={15} />} onClick={() => void copy(link, "Link")} />
      )}
      <IconButton
        label="Copy lines"
        icon={<Copy size={15} />}
        onClick={() => void copy(textOf(lines, times), `${formatCount(lines.length)} lines`)}
      />
      <IconButton label="Download log" icon={<Download size={15} />} busy={busy} onClick={() => void download()} />
    </>
  );
}

interface IconButtonProps {
  label: string;
  icon: ReactNode;
  busy?: boolean;
  onClick(): void;
}

function IconButton({ label, ...rest }: IconButtonProps) {
  return <Button compact kind="ghost" aria-label={label} title={label} {...rest} />;
}

interface ToggleProps {
  label: string;
  icon: ReactNode;
  on: boolean;
  onChange(on: boolean): void;
}

function Toggle({ label, icon, on, onChange }: ToggleProps) {
  return (
    <Button
      compact
      kind="ghost"
      icon={icon}
      aria-label={label}
      title={label}
      aria-pressed={on}
      onClick={() => onChange(!on)}
    />
  );
}

/** Ctrl or Cmd with F comes here; a second time it is the browser's own. */
function useFindKey(box: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "f" || !(event.ctrlKey || event.metaKey) || document.activeElement === box.current) return;
      event.preventDefault();
      box.current?.focus();
      box.current?.select();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [box]);
}

/** The next or the previous one, round the ends. */
export function neighbour(found: readonly LogLine[], at: number | null, step: number): LogLine | undefined {
  if (step > 0) return found.find(({ number }) => number > (at ?? 0)) ?? found[0];
  return found.findLast(({ number }) => number < (at ?? Number.POSITIVE_INFINITY)) ?? found.at(-1);
}

function countOf({ lines, count, looking }: Found, at: number | null): string {
  if (looking) return "Looking …";
  if (count === 0) return "Not found";
  const index = at === null ? -1 : lines.findIndex(({ number }) => number === at);
  return index < 0 ? formatCount(count) : `${formatCount(index + 1)} of ${formatCount(count)}`;
}

function textOf(lines: readonly LogLine[], times: boolean): string {
  return lines.map((line) => `${times ? `${line.at} ` : ""}${readLine(line).plain}\n`).join("");
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
