import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleDashed, type LucideIcon, TriangleAlert, Unplug } from "lucide-react";
import { useEffect } from "react";
import { Link } from "wouter";
import { ApiError, api, CLUSTER } from "../../lib/api";
import { fleet } from "../../lib/fleet";
import { PAGES } from "../../routes";
import { classes } from "../../ui/classes";
import { Panel } from "../../ui/panel";
import { SkeletonLines } from "../../ui/skeleton";
import { Since } from "../../ui/time";
import styles from "./activity-rail.module.css";
import { nodePath } from "./node-path";

const SHOWN = 8;
const EVENTS_PAGE = "/operations/events";
const REFRESH_AT_MOST_EVERY_MS = 2000;

interface Transition {
  id: number;
  at: string;
  nodeId: string;
  nodeName: string;
  from: string | null;
  to: string;
  reason: string;
  message: string;
}

interface Look {
  icon: LucideIcon;
  tone: string | undefined;
  did: string;
}

/** What changed lately, newest first; absent where the control plane keeps no list of it. */
export function ActivityRail() {
  const events = useRecentEvents();
  if (events.error instanceof ApiError && events.error.status === 404) return null;
  const link = PAGES.some(({ path }) => path === EVENTS_PAGE) ? { to: EVENTS_PAGE, text: "View all" } : undefined;
  return (
    <aside className={styles.rail} aria-label="Activity">
      <Panel title="Recent events" link={link}>
        {events.isPending && <SkeletonLines lines={5} />}
        {events.error && <p className="dim">{events.error.message}</p>}
        {events.data?.length === 0 && <p className="dim">Nothing has happened yet.</p>}
        <ul className={styles.events}>
          {events.data?.map((event) => (
            <Event key={event.id} event={event} />
          ))}
        </ul>
      </Panel>
    </aside>
  );
}

function Event({ event }: { event: Transition }) {
  const { icon: Icon, tone, did } = lookOf(event);
  return (
    <li className={styles.event}>
      <span className={classes(styles.icon, tone)} aria-hidden="true">
        <Icon size={13} />
      </span>
      <div className={styles.text}>
        <p>
          <Link href={nodePath(event.nodeId)} className={styles.name}>
            {event.nodeName || event.nodeId}
          </Link>{" "}
          {did}
        </p>
        <small>{event.message || event.reason.replaceAll("_", " ")}</small>
      </div>
      <Since at={Date.parse(event.at) / 1000} suffix="" />
    </li>
  );
}

function useRecentEvents() {
  const query = useQuery({
    queryKey: ["events", "recent"],
    queryFn: async ({ signal }) =>
      (await api<{ events: Transition[] }>(`${CLUSTER}/events?limit=${SHOWN}`, { signal })).events,
    retry: false,
  });
  const { refetch } = query;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = fleet.onChange(({ status, membership }) => {
      if (!status && !membership) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void refetch();
      }, REFRESH_AT_MOST_EVERY_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [refetch]);
  return query;
}

function lookOf({ to, from, reason }: Transition): Look {
  if (reason === "registered") return { icon: CircleDashed, tone: styles.info, did: "registered" };
  if (reason === "removed") return { icon: Unplug, tone: styles.off, did: "was removed" };
  if (to === "degraded") return { icon: TriangleAlert, tone: styles.warn, did: "became degraded" };
  if (to === "offline") return { icon: Unplug, tone: styles.off, did: "went offline" };
  return { icon: CircleCheck, tone: styles.ok, did: from === "degraded" ? "recovered" : "came online" };
}
