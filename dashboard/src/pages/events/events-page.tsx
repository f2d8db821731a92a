/** Everything that happened to any node, newest first, as it happens. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { api, CLUSTER } from "../../lib/api";
import { formatCountOf, formatMoment } from "../../lib/format";
import type { Event, Events } from "../../lib/types";
import { statusOrMembers, useRefetchOnChange } from "../../lib/use-refetch-on-change";
import { useSearchText } from "../../lib/use-search";
import { Button } from "../../ui/button";
import { Empty, Failed } from "../../ui/empty";
import { ListBar } from "../../ui/list-bar";
import { Page } from "../../ui/page";
import { Panel } from "../../ui/panel";
import { SkeletonLines } from "../../ui/skeleton";
import { Stack } from "../../ui/stack";
import { EventLine } from "./event-line";
import styles from "./events-page.module.css";

const PAGE = 60;

export default function EventsPage() {
  const [shown, search, setSearch] = useSearchText();
  const events = useEvents(search);
  const lines = events.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <Page title="Events" summary="What happened to every node, with its reason; removed nodes keep their past.">
      <ListBar
        label="Search events"
        placeholder="Node, status, reason or agent; -word leaves out"
        text={shown}
        onSearch={setSearch}
      />
      <Stack>
        {events.isPending && <SkeletonLines lines={8} height={36} />}
        {events.error && <Failed what="The events" error={events.error} onRetry={() => void events.refetch()} />}
        {events.data && lines.length === 0 && !events.hasNextPage && (
          <Nothing search={search} clear={() => setSearch("")} />
        )}
        {byDay(lines).map(([day, ofDay]) => (
          <Panel key={day} title={day} count={ofDay.length}>
            <ul>
              {ofDay.map((event) => (
                <EventLine key={event.id} event={event}>
                  <Detail event={event} />
                </EventLine>
              ))}
            </ul>
          </Panel>
        ))}
        {events.hasNextPage && (
          <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            Older events
          </Button>
        )}
      </Stack>
    </Page>
  );
}

function Detail({ event: { at = "", agents = [] } }: { event: Event }) {
  return (
    <small className={styles.detail}>
      {formatMoment(Date.parse(at) / 1000)}
      {agents.length > 0 && <span title={agents.join(", ")}> · {formatCountOf(agents.length, "agent")} on it</span>}
    </small>
  );
}

function Nothing({ search, clear }: { search: string; clear(): void }) {
  if (!search) return <Empty title="Nothing has happened yet">Changes of any node's status appear here.</Empty>;
  return (
    <Empty title="No event has all these words" action={<Button onClick={clear}>Clear the search</Button>}>
      <code>{search}</code>
    </Empty>
  );
}

function useEvents(search: string) {
  const query = useInfiniteQuery({
    queryKey: ["events", search],
    queryFn: ({ pageParam, signal }) => {
      const wanted = new URLSearchParams({ limit: String(PAGE) });
      if (search) wanted.set("q", search);
      if (pageParam) wanted.set("before", String(pageParam));
      return api<Events>(`${CLUSTER}/events?${wanted}`, { signal });
    },
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextBefore ?? undefined,
  });
  useRefetchOnChange(query.refetch, statusOrMembers);
  return query;
}

function byDay(events: readonly Event[]): [day: string, events: Event[]][] {
  const days = new Map<string, Event[]>();
  for (const event of events) {
    const day = new Date(event.at ?? "").toLocaleDateString(undefined, { dateStyle: "full" });
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  return [...days];
}
