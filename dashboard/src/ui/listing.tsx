import type { ReactNode } from "react";
import { Empty, Failed } from "./empty";
import { SkeletonLines } from "./skeleton";

interface ListingProps<Row> {
  /** What is listed, for the sentence about a failure: "The users". */
  what: string;
  rows: readonly Row[] | undefined;
  error: Error | null;
  onRetry(): void;
  /** What was searched for. */
  words: string;
  /** Stands where there is nothing and nothing was searched for. */
  empty: ReactNode;
  children(rows: readonly Row[]): ReactNode;
}

/** A fetched list in each of its states; once it is there it stays, also when a later fetch fails. */
export function Listing<Row>({ what, rows, error, onRetry, words, empty, children }: ListingProps<Row>) {
  if (rows && rows.length > 0) return children(rows);
  if (rows && !words) return empty;
  if (rows) {
    return (
      <Empty title="Nothing matches">
        <code>{words}</code> is not found in any of them.
      </Empty>
    );
  }
  return error ? (
    <Failed what={`${what} could not be fetched`} error={error} onRetry={onRetry} />
  ) : (
    <SkeletonLines lines={6} />
  );
}
