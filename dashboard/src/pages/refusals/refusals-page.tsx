/** Access > Refusals: machines that want to join, and machines that were turned away. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { DoorOpen } from "lucide-react";
import { api } from "../../lib/api";
import { epochOf, formatCount, formatMoment } from "../../lib/format";
import type { Refusal, RefusalList } from "../../lib/types";
import { searchQuery, useSearchText } from "../../lib/use-search";
import { Badge } from "../../ui/badge";
import { Empty } from "../../ui/empty";
import { ListBar } from "../../ui/list-bar";
import { Listing } from "../../ui/listing";
import { NodeLink } from "../../ui/node-link";
import { Page } from "../../ui/page";
import { Panel } from "../../ui/panel";
import { type Column, Table } from "../../ui/table";
import { Since } from "../../ui/time";
import styles from "./refusals-page.module.css";
import { WaitingRoom } from "./waiting-room";

const REFRESH_MS = 10_000;

export default function RefusalsPage() {
  const [shown, words, search] = useSearchText();
  const { data, error, refetch } = useQuery({
    queryKey: ["refusals", words],
    queryFn: ({ signal }) => api<RefusalList>(`/api/refusals${searchQuery(words)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
  return (
    <Page title="Refusals" summary="Machines that were turned away, and why">
      <div className={styles.room}>
        <WaitingRoom />
      </div>
      <ListBar label="Search refusals" text={shown} onSearch={search} />
      <Listing
        what="The refusals"
        rows={data?.refusals}
        error={error}
        onRetry={() => void refetch()}
        words={words}
        empty={
          <Empty icon={<DoorOpen size={20} aria-hidden="true" />} title="Nobody was turned away">
            A machine whose token or credential does not count is listed here with a code. The same code stands on the
            machine's own screen, so that both can be compared.
          </Empty>
        }
      >
        {(refusals) => (
          <Panel title="Turned away" count={refusals.length}>
            <Table label="Refusals" rows={refusals} columns={COLUMNS} rowKey={(refusal) => refusal.code} />
          </Panel>
        )}
      </Listing>
    </Page>
  );
}

const COLUMNS: readonly Column<Refusal>[] = [
  { title: "Code", cell: ({ code }) => <code className={styles.code}>{code}</code> },
  {
    title: "Cause",
    cell: ({ sentence, knock, nodeId }) => (
      <>
        <div className="phone-only">
          <NodeLink id={nodeId} />
        </div>
        {sentence} {knock && <Badge tone="info">waits above</Badge>}
      </>
    ),
  },
  { title: "Node", wideOnly: true, cell: ({ nodeId }) => <NodeLink id={nodeId} /> },
  { title: "Address", wideOnly: true, cell: ({ address }) => <code>{address}</code> },
  {
    title: "First",
    wideOnly: true,
    cell: ({ first }) => <time dateTime={first}>{formatMoment(epochOf(first))}</time>,
  },
  { title: "Last", figure: true, cell: ({ last }) => <Since at={epochOf(last)} /> },
  { title: "Times", figure: true, wideOnly: true, cell: ({ count }) => formatCount(count) },
];
