/** Jobs for components: lists that are asked for again while somebody may be waiting for them. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, CLUSTER } from "./api";
import type { Job, JobList } from "./types";

export const JOBS = `${CLUSTER}/jobs`;
export const OPEN_JOBS_KEY = ["jobs", "open"];
const SECOND_MS = 1000;
const QUICK_MS = 2000;
const IDLE_MS = 15_000;
const PAGE = 50;

export interface JobChoice {
  words?: string;
  kind?: string | null;
  state?: string | null;
  node?: string;
  /** Without what is part of another job. */
  whole?: boolean;
}

export function isOpen({ state }: Pick<Job, "state">): boolean {
  return state === "queued" || state === "running";
}

export function jobPath(id: string): string {
  return `/operations/deployments/${encodeURIComponent(id)}`;
}

/** The jobs that have not ended, with their steps; asked for often only while there are some. */
export function useOpenJobs(): readonly Job[] {
  const { data } = useQuery({
    queryKey: OPEN_JOBS_KEY,
    queryFn: ({ signal }) => api<JobList>(`${JOBS}?state=open&whole=true&limit=100`, { signal }),
    refetchInterval: ({ state }) => (state.data?.jobs.length ? QUICK_MS : IDLE_MS),
    refetchOnWindowFocus: true,
  });
  return data?.jobs ?? [];
}

export function useOpenJobCount(): number {
  return useOpenJobs().length;
}

/** Jobs, newest first, page by page; asked for again while the page is in sight. */
export function useJobs({ words, kind, state, node, whole }: JobChoice) {
  return useInfiniteQuery({
    queryKey: ["jobs", "list", words ?? "", kind ?? "", state ?? "", node ?? "", whole ?? false],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: String(PAGE) });
      const wanted = { q: words, kind, state, node, whole: whole && "true", before: pageParam };
      for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, value);
      return api<JobList>(`${JOBS}?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextBefore ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: QUICK_MS,
    refetchOnWindowFocus: true,
  });
}

/** One job; its log's stream keeps it up to date. */
export function useJob(id: string) {
  return useQuery({
    queryKey: jobKey(id),
    queryFn: ({ signal }) => api<Job>(`${JOBS}/${encodeURIComponent(id)}`, { signal }),
    refetchOnWindowFocus: true,
  });
}

/** The newest state of a job, asked for each second until it ended or so much time is up. */
export function useJobUntilEnd(id: string, limitMs: number) {
  const [since] = useState(() => Date.now());
  const late = (at: number) => at - since > limitMs;
  const ended = (job: Job | undefined) => job !== undefined && !isOpen(job);
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: jobKey(id),
    queryFn: ({ signal }) => api<Job>(`${JOBS}/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (ended(state.data) || late(Date.now()) ? false : SECOND_MS),
  });
  return { job: data, ended: ended(data), error: data ? null : error, late: late(dataUpdatedAt) };
}

export function jobKey(id: string): readonly string[] {
  return ["job", id];
}
