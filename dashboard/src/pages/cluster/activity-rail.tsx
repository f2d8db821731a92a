import { useQuery } from "@tanstack/react-query";
import { api, CLUSTER } from "../../lib/api";
import type { Events } from "../../lib/types";
import { statusOrMembers, useRefetchOnChange } from "../../lib/use-refetch-on-change";
import { Panel } from "../../ui/panel";
import { SkeletonLines } from "../../ui/skeleton";
import { EventLine } from "../events/event-line";
import styles from "./activity-rail.module.css";
import { RunningDeploys } from "./running-deploys";

const SHOWN = 8;

/** What changed lately, newest first. */
export function ActivityRail() {
  const events = useRecentEvents();
  return (
    <aside className={styles.rail} aria-label="Activity">
      <RunningDeploys />
      <Panel title="Recent events" link={{ to: "/operations/events", text: "View all" }}>
        {events.isPending && <SkeletonLines lines={5} height={30} />}
        {events.error && <p className="dim">{events.error.message}</p>}
        {events.data?.events.length === 0 && <p className="dim">Nothing has happened yet.</p>}
        <ul>
          {events.data?.events.map((event) => (
            <EventLine key={event.id} event={event} />
          ))}
        </ul>
      </Panel>
    </aside>
  );
}

function useRecentEvents() {
  const query = useQuery({
    queryKey: ["events", "recent"],
    queryFn: ({ signal }) => api<Events>(`${CLUSTER}/events?limit=${SHOWN}`, { signal }),
  });
  useRefetchOnChange(query.refetch, statusOrMembers);
  return query;
}
