import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, CLUSTER } from "../../lib/api";
import { formatCountOf, formatMoment } from "../../lib/format";
import type { Timeline, Transition } from "../../lib/types";
import { useNode } from "../../lib/use-fleet";
import { Badge, type Tone } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Empty, Failed } from "../../ui/empty";
import { SkeletonLines } from "../../ui/skeleton";
import { Stack } from "../../ui/stack";
import { type Column, Table } from "../../ui/table";

const PAGE = 50;
const TONES: Record<string, Tone> = { online: "ok", degraded: "warn", offline: "off" };

/** What happened to a node; an id that no node ever had is an error with the status 404. */
export function useTimeline(id: string) {
  return useInfiniteQuery({
    queryKey: ["timeline", id],
    queryFn: ({ pageParam, signal }) => {
      const before = pageParam ? `&before=${pageParam}` : "";
      const path = `${CLUSTER}/nodes/${encodeURIComponent(id)}/transitions?limit=${PAGE}${before}`;
      return api<Timeline>(path, { signal });
    },
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextBefore ?? undefined,
    retry: false,
  });
}

/** Every change of a node's status with its reason, newest first; a removed node keeps its own. */
export function NodeTimeline({ id }: { id: string }) {
  const status = useNode(id)?.status;
  const timeline = useTimeline(id);
  const { refetch } = timeline;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another status means another line
  useEffect(() => void refetch(), [status, refetch]);
  if (timeline.isPending) return <SkeletonLines lines={6} />;
  if (timeline.error) {
    return <Failed what="The timeline of this node" error={timeline.error} onRetry={() => void refetch()} />;
  }
  const lines = timeline.data.pages.flatMap((page) => page.transitions);
  if (lines.length === 0) return <Empty title="Nothing has happened to this node yet" />;
  return (
    <Stack>
      <Table label="Timeline" rows={lines} columns={COLUMNS} rowKey={(line) => line.id ?? 0} />
      {timeline.hasNextPage && (
        <Button busy={timeline.isFetchingNextPage} onClick={() => void timeline.fetchNextPage()}>
          Older
        </Button>
      )}
    </Stack>
  );
}

const COLUMNS: readonly Column<Transition>[] = [
  {
    title: "When",
    cell: ({ at = "" }) => <time dateTime={at}>{formatMoment(Date.parse(at) / 1000)}</time>,
  },
  { title: "Status", cell: ({ to = "" }) => <Badge tone={TONES[to] ?? "info"}>{to}</Badge> },
  { title: "Reason", cell: ({ message, reason = "" }) => message || reason.replaceAll("_", " ") },
  {
    title: "Agents",
    wideOnly: true,
    cell: ({ agents = [] }) => <span title={agents.join(", ")}>{formatCountOf(agents.length, "agent")}</span>,
  },
];
