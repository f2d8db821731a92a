import { ChevronDown, ChevronRight } from "lucide-react";
import { memo, useEffect } from "react";
import type { LogLine, Step } from "../../lib/types";
import { classes } from "../classes";
import { WorkGlyph, workWord } from "../work-state";
import { lineLink, markFound, readLine } from "./find";
import styles from "./log-view.module.css";
import type { Row } from "./rows";
import { StepTime } from "./step-time";

interface LogRowProps {
  row: Row;
  text: string;
  times: boolean;
  chosen: boolean;
  current: boolean;
  jobPath: string;
  onChoose(number: number, extend: boolean): void;
  onToggle(step: Step): void;
  onOlder(): void;
}

export function LogRow({ row, onToggle, onOlder, ...rest }: LogRowProps) {
  switch (row.kind) {
    case "step":
      return <StepHead step={row.step} open={row.open} onToggle={onToggle} />;
    case "verdict":
      return <p className={styles.verdict}>{row.step.message}</p>;
    case "older":
      return <OlderLines onWanted={onOlder} />;
    default:
      return <Line line={row.line} {...rest} />;
  }
}

const DIM = new Set<Step["state"]>(["waiting", "skipped"]);

function StepHead({ step, open, onToggle }: { step: Step; open: boolean; onToggle(step: Step): void }) {
  const Arrow = open ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      className={classes(styles.step, DIM.has(step.state) && styles.dim)}
      aria-expanded={open}
      onClick={() => onToggle(step)}
    >
      <Arrow size={14} aria-hidden="true" />
      <WorkGlyph state={step.state} />
      <span className={styles.title}>{step.title}</span>
      {step.state === "succeeded" && step.message && <span className={styles.note}>{step.message}</span>}
      <span className="readers-only">{workWord(step.state)}</span>
      <span className={styles.span}>
        <StepTime step={step} />
      </span>
    </button>
  );
}

/** Older lines are fetched when this comes into sight. */
function OlderLines({ onWanted }: { onWanted(): void }) {
  useEffect(() => {
    onWanted();
  });
  return (
    <button type="button" className={styles.older} onClick={onWanted}>
      Earlier lines
    </button>
  );
}

interface LineProps {
  line: LogLine;
  text: string;
  times: boolean;
  chosen: boolean;
  current: boolean;
  jobPath: string;
  onChoose(number: number, extend: boolean): void;
}

const Line = memo(function Line({ line, text, times, chosen, current, jobPath, onChoose }: LineProps) {
  const { pieces, level } = readLine(line);
  return (
    <div
      className={classes(styles.line, level && styles[level], chosen && styles.chosen)}
      data-line={line.number}
      aria-current={chosen || undefined}
    >
      <a
        className={styles.number}
        href={`${jobPath}${lineLink([line.number, line.number])}`}
        tabIndex={-1}
        onClick={(event) => {
          event.preventDefault();
          onChoose(line.number, event.shiftKey);
        }}
      >
        {line.number}
      </a>
      {times && (
        <time className={styles.time} dateTime={line.at}>
          {clockTime(line.at)}
        </time>
      )}
      <span className={styles.text}>
        {markFound(pieces, text).map((piece, index) => {
          const look = classes(...piece.look.map((name) => styles[name]));
          return piece.found ? (
            <mark key={index} className={classes(look, current && styles.current)}>
              {piece.text}
            </mark>
          ) : (
            <span key={index} className={look || undefined}>
              {piece.text}
            </span>
          );
        })}
      </span>
    </div>
  );
});

function clockTime(at: string): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}
