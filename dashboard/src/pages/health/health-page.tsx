/** The control plane itself: whether the parts on which everything stands are well. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CircleCheck, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { api } from "../../lib/api";
import { formatCount, formatCountOf } from "../../lib/format";
import { useForbidden } from "../../lib/session";
import type { ControlPlaneHealth, Neighbour } from "../../lib/types";
import { Failed } from "../../ui/empty";
import { Page } from "../../ui/page";
import { Facts, Panel } from "../../ui/panel";
import { SkeletonLines } from "../../ui/skeleton";
import { Stack } from "../../ui/stack";
import { type Column, Table } from "../../ui/table";
import { Since } from "../../ui/time";
import styles from "./health-page.module.css";

const REFRESH_MS = 5000;

export default function HealthPage() {
  const health = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => api<ControlPlaneHealth>("/api/health", { signal }),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  return (
    <Page title="Health" summary="The control plane itself, looked at every five seconds.">
      <Stack>
        {health.isPending && <SkeletonLines lines={8} />}
        {health.error && (
          <Failed what="The health of the control plane" error={health.error} onRetry={() => void health.refetch()} />
        )}
        {health.data && <Parts health={health.data} />}
      </Stack>
    </Page>
  );
}

function Parts({ health }: { health: ControlPlaneHealth }) {
  return (
    <>
      <Verdict missing={health.missing} />
      <div className={styles.parts}>
        <Server title="Database" server={health.database} />
        <Server title="Redis" server={health.redis} />
        <Part title="Celery" ok={health.celery.ok}>
          <Facts
            facts={[
              ["Workers", formatCount(health.celery.workers ?? 0)],
              ["Last task", since(health.celery.lastTaskAt)],
              ["Each task", <Flower key="flower" />],
            ]}
          />
        </Part>
        <Part title="Stale check" ok={health.beat.ok}>
          <Facts facts={[["Last run", since(health.beat.lastTick)]]} />
        </Part>
        <Heartbeats health={health} />
        <Part title="Live streams" ok>
          <Facts
            facts={[
              ["Open", formatCount(health.streams.clients ?? 0)],
              ["Over", formatCountOf(health.streams.processes?.length ?? 0, "web process", "web processes")],
            ]}
          />
        </Part>
      </div>
      <div className={styles.about}>
        <Processes health={health} />
        <Panel title="Version">
          <Facts
            facts={[
              ["Muster", health.version],
              ["Build", <code key="build">{health.build}</code>],
              ["Database schema", <code key="schema">{health.schema}</code>],
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

/** One line that answers the question. */
function Verdict({ missing }: { missing: readonly string[] }) {
  if (missing.length === 0) {
    return (
      <p className={styles.well} role="status">
        <CircleCheck size={16} aria-hidden="true" /> Everything the control plane needs is there.
      </p>
    );
  }
  return (
    <ul className={styles.missing} role="alert">
      {missing.map((sentence) => (
        <li key={sentence}>
          <TriangleAlert size={16} aria-hidden="true" /> {sentence}
        </li>
      ))}
    </ul>
  );
}

function Part({ title, ok, children }: { title: string; ok: boolean; children: ReactNode }) {
  const aside = ok ? (
    <span className={styles.ok}>
      <CircleCheck size={14} aria-hidden="true" /> Well
    </span>
  ) : (
    <span className={styles.bad}>
      <TriangleAlert size={14} aria-hidden="true" /> Not well
    </span>
  );
  return (
    <Panel title={title} aside={aside}>
      {children}
    </Panel>
  );
}

function Server({ title, server: { ok, ms, version } }: { title: string; server: Neighbour }) {
  return (
    <Part title={title} ok={ok}>
      <Facts
        facts={[
          ["Answers in", ms === null || ms === undefined ? "–" : `${ms.toFixed(1)} ms`],
          ["Version", version ?? "–"],
        ]}
      />
    </Part>
  );
}

/** Flower is a site of its own: a plain link leaves the dashboard. */
function Flower() {
  const forbidden = useForbidden("admin");
  return forbidden ? <span title={forbidden}>in Flower, for admins</span> : <a href="/flower/">Open Flower</a>;
}

function Heartbeats({ health: { heartbeats } }: { health: ControlPlaneHealth }) {
  const { perSecond = 0, batchSize, lagMs } = heartbeats;
  return (
    <Part title="Heartbeats" ok>
      <Facts
        facts={[
          ["Per second", perSecond.toFixed(perSecond < 10 ? 2 : 0)],
          ["Per commit", batchSize?.toFixed(1) ?? "–"],
          ["Wait for the commit", lagMs === null || lagMs === undefined ? "–" : `${lagMs.toFixed(1)} ms`],
        ]}
      />
    </Part>
  );
}

interface Process {
  id: string;
  what: string;
  ok: boolean;
  startedAt: string | undefined;
  heardAt: string | undefined;
}

const PROCESS_COLUMNS: readonly Column<Process>[] = [
  { title: "Process", cell: ({ id }) => <code>{id}</code> },
  { title: "Kind", cell: ({ what }) => what },
  { title: "State", cell: ({ ok }) => (ok ? "Well" : "Silent") },
  { title: "Started", figure: true, wideOnly: true, cell: ({ startedAt }) => since(startedAt) },
  { title: "Last sign of life", figure: true, cell: ({ heardAt }) => since(heardAt) },
];

function Processes({ health: { processes, celery } }: { health: ControlPlaneHealth }) {
  const web = processes.map(({ processId = "", ok = false, startedAt, acceptingAt }) => ({
    id: processId,
    what: "Web",
    ok,
    startedAt,
    heardAt: acceptingAt,
  }));
  const workers = (celery.processes ?? []).map(({ workerId = "", ok = false, startedAt, seenAt }) => ({
    id: workerId,
    what: "Celery worker",
    ok,
    startedAt,
    heardAt: seenAt,
  }));
  return (
    <Panel title="Processes" count={web.length + workers.length}>
      <Table label="Processes" rows={[...web, ...workers]} columns={PROCESS_COLUMNS} rowKey={({ id }) => id} />
    </Panel>
  );
}

function since(time: string | null | undefined): ReactNode {
  return time ? <Since at={Date.parse(time) / 1000} /> : "never";
}
