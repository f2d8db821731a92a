import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../lib/api";
import { epochOf } from "../../lib/format";
import { useForbidden } from "../../lib/session";
import type { Room } from "../../lib/types";
import { Button } from "../../ui/button";
import { Failed } from "../../ui/empty";
import { Panel } from "../../ui/panel";
import { SkeletonLines } from "../../ui/skeleton";
import { Until } from "../../ui/time";
import { toast } from "../../ui/toast";
import { Knocks } from "./knocks";
import { ROOM, ROOM_KEY } from "./room";
import styles from "./waiting-room.module.css";

const OPEN_MINUTES = 30;
/** Machines knock every few seconds while the room is open. */
const REFRESH_OPEN_MS = 3000;
const REFRESH_CLOSED_MS = 30_000;

/** Machines without a valid join token that somebody may let in. Closed unless an admin opens it. */
export function WaitingRoom() {
  const { data, error, refetch } = useQuery({
    queryKey: ROOM_KEY,
    queryFn: ({ signal }) => api<Room>(ROOM, { signal }),
    refetchInterval: ({ state }) => (state.data?.open ? REFRESH_OPEN_MS : REFRESH_CLOSED_MS),
  });
  if (!data && error) {
    return <Failed what="The waiting room could not be fetched" error={error} onRetry={() => void refetch()} />;
  }
  return (
    <Panel title="Waiting room" aside={data && <Door room={data} />}>
      {data ? <Inside room={data} /> : <SkeletonLines lines={2} />}
    </Panel>
  );
}

function Inside({ room }: { room: Room }) {
  if (!room.open) {
    return (
      <p className={styles.words}>
        Closed: a machine without a valid join token is turned away. While it is open, such a machine waits here until
        you let it in.
      </p>
    );
  }
  return room.knocks.length > 0 ? (
    <Knocks knocks={room.knocks} />
  ) : (
    <p className={styles.words}>
      Open, and nobody waits. Start the daemon on the machine with a token that does not count any more: it shows a code
      there and appears here.
    </p>
  );
}

/** Opens and closes it. */
function Door({ room }: { room: Room }) {
  const queries = useQueryClient();
  const forbidden = useForbidden("admin");
  const change = useMutation({
    mutationFn: (openForMinutes: number) => api<Room>(ROOM, { method: "PUT", body: { openForMinutes } }),
    onSuccess: (changed) => queries.setQueryData(ROOM_KEY, changed),
    onError: (failure) => toast({ tone: "bad", text: `Waiting room: ${failure.message}` }),
  });
  return (
    <span className={styles.door}>
      {room.open && room.until && (
        <span>
          Open for <Until at={epochOf(room.until)} />
        </span>
      )}
      <Button
        compact
        busy={change.isPending}
        disabled={forbidden !== undefined}
        title={forbidden}
        onClick={() => change.mutate(room.open ? 0 : OPEN_MINUTES)}
      >
        {room.open ? "Close" : `Open for ${OPEN_MINUTES} min`}
      </Button>
    </span>
  );
}
