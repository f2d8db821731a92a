/** Access > Audit log: who did what, and what was refused. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { api } from "../../lib/api";
import type { AuditLog } from "../../lib/types";
import { useSearchText } from "../../lib/use-search";
import { Empty } from "../../ui/empty";
import { ListBar } from "../../ui/list-bar";
import { Listing } from "../../ui/listing";
import { Older } from "../../ui/older";
import { Page } from "../../ui/page";
import { Panel } from "../../ui/panel";
import { AuditTable } from "./audit-table";

const PAGE = 100;

export default function AuditPage() {
  const [shown, words, search] = useSearchText();
  const log = useInfiniteQuery({
    queryKey: ["audit", words],
    queryFn: ({ pageParam, signal }) => api<AuditLog>(`/api/audit?${queryOf(words, pageParam)}`, { signal }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.nextBefore ?? undefined,
    placeholderData: keepPreviousData,
  });
  return (
    <Page title="Audit log" summary="Who changed what, and what was refused">
      <ListBar label="Search the audit log" text={shown} onSearch={search} />
      <Listing
        what="The audit log"
        rows={log.data?.pages.flatMap((page) => page.entries)}
        error={log.error}
        onRetry={() => void log.refetch()}
        words={words}
        empty={
          <Empty icon={<ScrollText size={20} aria-hidden="true" />} title="Nothing was changed yet">
            Every change of the fleet and of who may use it leaves a line here, and so does every change that was
            refused.
          </Empty>
        }
      >
        {(entries) => (
          <Panel title="What happened">
            <AuditTable entries={entries} />
            <Older
              there={log.hasNextPage}
              busy={log.isFetchingNextPage}
              onWanted={() => void log.fetchNextPage({ cancelRefetch: false })}
            />
          </Panel>
        )}
      </Listing>
    </Page>
  );
}

function queryOf(words: string, before: number | null): URLSearchParams {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (words) query.set("q", words);
  if (before !== null) query.set("before", String(before));
  return query;
}
