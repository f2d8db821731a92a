/** What of the fleet is shown and how: all of it in the address. */
import { useMemo } from "react";
import { parseQuery, QueryError, splitTerms } from "../../lib/filter";
import type { Choice } from "../../lib/fleet-view";
import { PHONE, useMedia } from "../../lib/media";
import { STATUSES, type Status } from "../../lib/node";
import { formatSort, parseSort, type Sort } from "../../lib/order";
import { usePreference } from "../../lib/preference";
import { useUrlState } from "../../lib/url-state";

export type View = "cards" | "table" | "map";
export const VIEWS: readonly View[] = ["cards", "table", "map"];
/** More nodes than this are a table with a map above it. */
export const LARGE_FLEET = 200;

export interface ClusterState {
  terms: string[];
  setTerms(terms: readonly string[]): void;
  statuses: ReadonlySet<Status>;
  setStatuses(statuses: Iterable<Status>): void;
  sort: Sort;
  setSort(sort: Sort): void;
  view: View;
  setView(view: View): void;
  clear(): void;
}

export function useClusterState(fleetSize: number): ClusterState {
  const [url, change] = useUrlState();
  const [preferred, prefer] = usePreference("cluster-view");
  const phone = useMedia(PHONE);
  const query = url.get("q") ?? "";
  const status = url.get("status") ?? "";
  const sort = url.get("sort");
  const terms = useMemo(() => splitTerms(query), [query]);
  const statuses = useMemo(() => readStatuses(status), [status]);
  return {
    terms,
    setTerms: (next) => change({ q: next.join(" ") }),
    statuses,
    setStatuses: (next) => change({ status: [...next].join(",") }),
    sort: useMemo(() => parseSort(sort), [sort]),
    setSort: (next) => change({ sort: formatSort(next) === "status" ? null : formatSort(next) }),
    view: readView(url.get("view")) ?? readView(preferred) ?? (fleetSize > LARGE_FLEET && !phone ? "table" : "cards"),
    setView: (view) => {
      prefer(view);
      change({ view });
    },
    clear: () => change({ q: null, status: null }),
  };
}

/** What the rows must fulfil. A draft that cannot be read yet does not count. */
export function useChoice({ terms, statuses, sort }: ClusterState, draft: string): Choice {
  const query = terms.join(" ");
  return useMemo(() => {
    const { matches, live } = readQuery(`${query} ${draft}`) ?? readQuery(query) ?? parseQuery("");
    return { matches, live, statuses, sort };
  }, [query, draft, statuses, sort]);
}

/** The sentence about what is wrong with a filter, or null. */
export function faultOf(text: string): string | null {
  try {
    parseQuery(text);
    return null;
  } catch (error) {
    if (error instanceof QueryError) return error.message;
    throw error;
  }
}

function readQuery(text: string) {
  return faultOf(text) === null ? parseQuery(text) : null;
}

function readStatuses(text: string): ReadonlySet<Status> {
  const words = text.split(",");
  return new Set(STATUSES.filter((status) => words.includes(status)));
}

function readView(text: string | null): View | null {
  return VIEWS.find((view) => view === text) ?? null;
}
