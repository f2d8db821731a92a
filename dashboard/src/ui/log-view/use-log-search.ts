import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { isOpen } from "../../lib/jobs";
import type { Job, LogLine } from "../../lib/types";
import { findLines, joinFound, type Looked } from "./find";
import { fetchLines, type JobLog } from "./job-log";
import { MOST_LINES } from "./log-window";

const PAUSE_MS = 250;
const AGAIN_MS = 5000;

export interface Found {
  lines: readonly LogLine[];
  /** In all of the log. */
  count: number;
  /** Only what the page holds was looked through so far. */
  looking: boolean;
}

/** What is found in all lines of a log, also in those that the page does not hold; null when nothing is looked for. */
export function useLogSearch(job: Job, { window }: JobLog, looked: Looked): Found | null {
  const settled = useSettled(looked.text);
  const { errorsOnly } = looked;
  const wanted = looked.text !== "" || errorsOnly;
  const here = useMemo(
    () => findLines(window.lines, { text: looked.text, errorsOnly }),
    [window.lines, looked.text, errorsOnly],
  );
  const search = useQuery({
    queryKey: ["log-search", job.id, settled, errorsOnly],
    queryFn: () =>
      fetchLines(
        job.id,
        { ...(settled && { q: settled }), ...(errorsOnly && { level: "error" as const }) },
        MOST_LINES,
      ),
    enabled: wanted && !window.whole && settled === looked.text,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchInterval: isOpen(job) ? AGAIN_MS : false,
  });
  const told = settled === looked.text ? search.data : undefined;
  return useMemo(() => {
    if (!wanted) return null;
    if (window.whole) return { lines: here, count: here.length, looking: false };
    if (!told) return { lines: here, count: here.length, looking: !search.isError };
    return { ...joinFound(told, here), looking: false };
  }, [wanted, window.whole, here, told, search.isError]);
}

/** The text once nothing was typed for a moment. */
function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
