/** The log of a job: its steps, the lines of those that are open, and everything one does with lines. */
import { ArrowDown } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { formatCountOf } from "../../lib/format";
import { isOpen as isRunning, jobPath } from "../../lib/jobs";
import { usePreference } from "../../lib/preference";
import type { Job, LogLine, Step } from "../../lib/types";
import { Button } from "../button";
import { classes } from "../classes";
import { lineLink, readLine } from "./find";
import { Lines, type Target } from "./lines";
import { LogToolbar } from "./log-toolbar";
import styles from "./log-view.module.css";
import { linesByStep, rowsOf } from "./rows";
import { useFollow } from "./use-follow";
import { useJobLog } from "./use-job-log";
import { useLineLink } from "./use-line-link";
import { useLogSearch } from "./use-log-search";

interface LogViewProps {
  job: Job;
  /** The address of the page names lines of this log: `#L12-L20`. */
  linked?: boolean;
  /** As high as fits a dialog. */
  compact?: boolean;
  /** The sentence that stands above it. */
  told?: string | null;
}

export function LogView({ job, linked = false, compact, told }: LogViewProps) {
  const [chosen, choose] = useLineLink(linked);
  const log = useJobLog(job, chosen?.[0] ?? null);
  const follow = useFollow(log, chosen === null && isRunning(job), job);
  const [text, setText] = useState("");
  const [errorsOnly, setErrorsOnly] = useState(false);
  const [times, setTimes] = useToggle("log-times", true);
  const [wrap, setWrap] = useToggle("log-wrap", false);
  const { lines } = log.window;
  const found = useLogSearch(job, log, { text, errorsOnly });
  const shown = errorsOnly && found ? found.lines : lines;
  const steps = useOpenSteps(job, shown, follow.on, errorsOnly || text !== "");
  const rows = useMemo(
    () =>
      rowsOf({
        steps: job.steps,
        lines: shown,
        isOpen: steps.isOpen,
        hasOlder: log.window.hasOlder && !errorsOnly,
        told,
      }),
    [job.steps, shown, steps.isOpen, log.window.hasOlder, errorsOnly, told],
  );
  const [target, setTarget] = useTarget(job, lines, chosen?.[0] ?? null);
  const goTo = ({ number, step }: LogLine) => {
    follow.stop();
    steps.open(step);
    void log.bring(number);
    setTarget({ line: number });
  };
  return (
    <section className={classes(styles.view, compact && styles.compact)} aria-label="Log">
      <LogToolbar
        text={text}
        onText={setText}
        found={found}
        at={target?.line ?? null}
        onGo={goTo}
        errorsOnly={errorsOnly}
        onErrorsOnly={setErrorsOnly}
        times={times}
        onTimes={setTimes}
        wrap={wrap}
        onWrap={setWrap}
        link={chosen && `${location.origin}${jobPath(job.id)}${lineLink(chosen)}`}
        lines={chosen ? lines.filter(({ number }) => number >= chosen[0] && number <= chosen[1]) : shown}
        all={async () => (errorsOnly ? shown : log.all())}
        name={`${job.nodeId ?? job.host ?? job.kind}-${job.id.slice(0, 8)}${errorsOnly ? "-errors" : ""}.log`}
        state={isRunning(job) ? <LiveState live={log.live} on={follow.on} /> : null}
      />
      <Lines
        rows={rows}
        text={text}
        times={times}
        wrap={wrap}
        chosen={chosen}
        target={target}
        follow={follow}
        jobPath={jobPath(job.id)}
        onChoose={(number, extend) => {
          follow.stop();
          choose(number, extend);
        }}
        onToggle={steps.toggle}
        onOlder={log.fetchOlder}
        onNewer={log.window.atEnd || errorsOnly ? null : log.fetchNewer}
        end={<LogEnd job={job} />}
      />
      {follow.missed > 0 && (
        <div className={styles.missed}>
          <Button compact kind="primary" icon={<ArrowDown size={13} />} onClick={follow.toEnd}>
            {formatCountOf(follow.missed, "new line")}
          </Button>
        </div>
      )}
    </section>
  );
}

function LiveState({ live, on }: { live: boolean; on: boolean }): ReactNode {
  const tone = !live ? styles.lost : on ? styles.following : styles.reading;
  return (
    <span className={classes(styles.live, tone)} role="status">
      {!live ? "Reconnecting" : on ? "Following" : "Not following"}
    </span>
  );
}

function LogEnd({ job: { logDropped, logLines, steps, ...job } }: { job: Job }) {
  if (logDropped > 0) {
    return <p className={styles.dropped}>{formatCountOf(logDropped, "line was", "lines were")} dropped beyond 1 MB.</p>;
  }
  const isSilent = logLines === 0 && steps.length === 0 && !isRunning(job);
  return isSilent ? <p className={styles.silent}>This job wrote no lines.</p> : null;
}

function isError(line: LogLine): boolean {
  return readLine(line).level === "error";
}

function useToggle(name: string, otherwise: boolean): [boolean, (on: boolean) => void] {
  const [value, write] = usePreference(name);
  return [value === null ? otherwise : value === "1", (on) => write(on ? "1" : "0")];
}

/** Open are: the step that runs, one that failed, and what the reader opened. Whoever reads does not lose what is open. */
function useOpenSteps(job: Job, lines: readonly LogLine[], following: boolean, searching: boolean) {
  const [asked, setAsked] = useState<Readonly<Record<string, boolean>>>({});
  const withLines = useMemo(() => (searching ? linesByStep(job.steps, lines) : null), [searching, job.steps, lines]);
  const isOpen = useCallback(
    ({ name, state }: Step): boolean => {
      if (withLines) return (withLines.get(name)?.length ?? 0) > 0 && asked[name] !== false;
      return asked[name] ?? (state === "running" || state === "failed");
    },
    [asked, withLines],
  );
  const set = useCallback(
    (name: string, open: boolean) =>
      setAsked((before) => (before[name] === open ? before : { ...before, [name]: open })),
    [],
  );
  const running = job.steps.find(({ state }) => state === "running")?.name;
  useEffect(() => {
    if (!following && running) setAsked((before) => (running in before ? before : { ...before, [running]: true }));
  }, [following, running]);
  return {
    isOpen,
    open: (name: string) => set(job.steps.some((step) => step.name === name) ? name : (job.steps[0]?.name ?? ""), true),
    toggle: (step: Step) => set(step.name, !isOpen(step)),
  };
}

/** The line to bring into sight: the linked one, else the first error of the step that failed. */
function useTarget(job: Job, lines: readonly LogLine[], linked: number | null) {
  const [target, setTarget] = useState<Target | null>(linked === null ? null : { line: linked });
  const told = useRef(false);
  const failed = job.steps.find(({ state }) => state === "failed")?.name;
  useEffect(() => {
    if (linked !== null) setTarget({ line: linked });
  }, [linked]);
  useEffect(() => {
    if (told.current || !failed || linked !== null || isRunning(job)) return;
    const ofStep = lines.filter(({ step }) => step === failed);
    const first = ofStep.find(isError) ?? ofStep.at(-1);
    if (!first || (lines.at(-1)?.number ?? 0) < job.logLines) return;
    told.current = true;
    setTarget({ line: first.number });
  }, [failed, lines, linked, job]);
  return [target, setTarget] as const;
}
