import type { ReactNode } from "react";
import type { useJobs } from "../../lib/jobs";
import { Listing } from "../../ui/listing";
import { Older } from "../../ui/older";
import { Panel } from "../../ui/panel";
import { JobTable } from "./job-table";

interface JobListProps {
  list: ReturnType<typeof useJobs>;
  words: string;
  empty: ReactNode;
  ofNode?: boolean;
}

/** Jobs, newest first, as far as somebody scrolled. */
export function JobList({ list, words, empty, ofNode }: JobListProps) {
  return (
    <Listing
      what="The jobs"
      rows={list.data?.pages.flatMap((page) => page.jobs)}
      error={list.error}
      onRetry={() => void list.refetch()}
      words={words}
      empty={empty}
    >
      {(jobs) => (
        <Panel title="Jobs">
          <JobTable jobs={jobs} ofNode={ofNode} />
          <Older
            there={list.hasNextPage}
            busy={list.isFetchingNextPage}
            onWanted={() => void list.fetchNextPage({ cancelRefetch: false })}
          />
        </Panel>
      )}
    </Listing>
  );
}
