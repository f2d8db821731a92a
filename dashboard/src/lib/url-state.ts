/** State that lives in the address, so that a link shows what its sender saw. */
import { useCallback } from "react";
import { useLocation, useSearch } from "wouter";

export type Changes = Record<string, string | null>;

/** The query of the address, and a way to change some of it; empty values are left out. */
export function useUrlState(): [URLSearchParams, (changes: Changes, how?: { push: boolean }) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const change = useCallback(
    (changes: Changes, how = { push: false }) => {
      const next = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      // Colons and commas are legal in a query, and filters are meant to be read.
      const text = next.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
      navigate(text ? `${path}?${text}` : path, { replace: !how.push });
    },
    [path, navigate],
  );
  return [new URLSearchParams(search), change];
}
