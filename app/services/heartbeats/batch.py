"""One batch of heartbeats: written by one statement, answered in order, with what it brought about."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.domain.nodes.events import NodeAnnouncement, NodeEvent
from app.domain.nodes.heartbeat import Heartbeat
from app.domain.nodes.node import Json
from app.extensions import settings
from app.gateways import driver
from app.services import commands
from app.services.admission import credentials
from app.services.agents.acts.looking import look
from app.services.heartbeats import refused
from app.services.heartbeats.judging import judge
from app.services.presence.transitions import write_changes

FASTER_BEATS_MS = 2000  # asked for while a command is open, or somebody waits for a report

# Locked in the order of ids, so that two processes with beats of the same nodes do not wait for each other.
# The conflict rules: another machine may not beat for this id while the first one is alive, and of several starts of a
# daemon only the newest may. Who may speak for the node is looked up with each heartbeat, so that a revocation counts
# with the very next one. What this leaves out is explained by a second statement (refused).
_BEAT = """
WITH locked AS MATERIALIZED (
    SELECT node_id FROM cluster_nodes WHERE node_id = ANY(%(node_ids)s) ORDER BY node_id FOR UPDATE)
UPDATE cluster_nodes AS n SET
    last_heartbeat = now(),
    cpu_usage = coalesce(b.cpu, n.cpu_usage),
    memory_usage = coalesce(b.memory, n.memory_usage),
    disk_usage = coalesce(b.disk, n.disk_usage),
    load_average = coalesce(b.load, n.load_average),
    version = coalesce(b.version, n.version),
    machine_id = coalesce(b.machine, n.machine_id),
    boot_id = coalesce(b.boot, n.boot_id),
    beat_number = coalesce(b.number, n.beat_number),
    assignments_seen = coalesce(b.assignments, n.assignments_seen),
    agent_reports = CASE b.scope
        WHEN 'node' THEN b.reports
        WHEN 'agent' THEN n.agent_reports || (
            SELECT coalesce(jsonb_object_agg(key, coalesce(n.agent_reports->key, '{}') - 'absent' || value
                || jsonb_build_object('at', extract(epoch FROM now()))), '{}')
            FROM jsonb_each(b.reports))
        ELSE n.agent_reports END
FROM jsonb_to_recordset(%(beats)s::jsonb) AS b(
    i int, node text, cpu float8, memory float8, disk float8, load float8[], version text, machine text,
    boot text, number int8, assignments int8, scope text, reports jsonb, credential text)
    -- One look into the index per heartbeat: OFFSET keeps the planner from reading the whole table instead.
    LEFT JOIN LATERAL (
        SELECT * FROM node_credentials c WHERE %(guarded)s AND c.fingerprint = decode(b.credential, 'hex') OFFSET 0
    ) k ON true, locked
WHERE n.node_id = ANY(%(node_ids)s) AND n.node_id = locked.node_id AND n.node_id = b.node AND (
    b.machine IS NULL OR n.machine_id IS NULL OR n.machine_id = b.machine
    OR n.last_heartbeat IS NULL OR n.last_heartbeat < now() - make_interval(secs => %(offline_after)s))
    AND (b.boot IS NULL OR n.boot_id IS NULL OR (b.boot = n.boot_id AND coalesce(b.number > n.beat_number, true)))
    AND (NOT %(guarded)s OR (
        k.node_id = b.node AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())))
RETURNING b.i, n.node_id, n.name, n.host, n.port, n.platform, n.arch, n.cpu_count, n.memory_mb, n.version,
    n.capabilities, n.labels, n.metadata AS extra, n.schedulable, n.managed, n.registered_at, n.last_heartbeat,
    n.cpu_usage, n.memory_usage, n.disk_usage, n.load_average, n.agent_reports, n.agents_seen, n.strains, n.status,
    n.cordon, now() AS now,
    CASE WHEN n.assignments_revision <> b.assignments AND n.managed THEN n.assignments_revision END AS assignments,
    coalesce(n.watched_until > now(), false) AS watched,
    EXISTS (SELECT FROM node_commands c WHERE c.node_id = n.node_id AND c.finished_at IS NULL AND c.expires_at > now())
        AS has_commands,
    k.id AS credential_id, k.last_used_at AS credential_used_at,
    now() > k.created_at + 0.67 * (k.expires_at - k.created_at) AS renew
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A heartbeat on its way into a batch; the pulse of the control plane itself has no node."""

    node_id: str
    beat: Heartbeat
    credential: bytes = b""  # its fingerprint; empty when none was sent or sign-in is off
    address: str = ""  # of whoever sent it

    @property
    def key(self) -> tuple[str, bytes]:
        """What may share a batch: somebody with a made-up credential must not hold up the node itself."""
        return self.node_id, self.credential


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a heartbeat: when to beat again, and what to do."""

    interval_ms: int
    commands: tuple[Json, ...] = ()
    renew: bool = False  # time for a new credential
    assignments: int | None = None  # the revision of what the node should run, if it carries out another one
    ignored: bool = False  # it came late and changed nothing


# Asked to speak again soon: if it does, it is alive, and not a message that was long on its way.
LATE = Accepted(FASTER_BEATS_MS, ignored=True)


def write_beats(
    connection: Connection, arrivals: Sequence[Arrival]
) -> tuple[list[Accepted | Exception], list[NodeAnnouncement]]:
    """Write one batch on a connection that commits each statement: answers in order, and what to announce.

    The heartbeats are one statement. What some of them bring about is a second transaction; should that one
    fail, the next heartbeat of the same node brings it about again.
    """
    body = orjson.dumps([_row(i, arrival) for i, arrival in enumerate(arrivals)]).decode()
    parameters = {
        "beats": body,
        "node_ids": [arrival.node_id for arrival in arrivals],
        "offline_after": settings().offline_after.total_seconds(),
        "guarded": settings().cluster_auth,
    }
    rows = driver.fetch_all(connection, _BEAT, parameters)
    judged = judge(rows, [arrival.beat for arrival in arrivals])
    changes = [change for _, change in judged if change is not None]
    calm = Accepted(round(settings().heartbeat_interval.total_seconds() * 1000))
    answers: dict[int, Accepted | Exception] = {row.i: _answer(calm, row) for row in rows}
    unwritten = [i for i in range(len(arrivals)) if i not in answers]
    used = credentials.to_note(rows)
    watched = [row.node_id for row in rows if row.watched]
    results = any(row.has_commands or arrivals[row.i].beat.results for row in rows)
    if changes or unwritten or used or watched or results:
        with _one_transaction(connection):
            commands.record_results(connection, {row.node_id: arrivals[row.i].beat.results for row in rows})
            if watched:
                look(connection, watched)
            write_changes(connection, changes)
            credentials.note_use(connection, used)
            orders = commands.open_orders(connection, [row.node_id for row in rows if row.has_commands])
            for row in rows:
                if row.node_id in orders:
                    answers[row.i] = _answer(Accepted(FASTER_BEATS_MS, orders[row.node_id]), row)
            faults = refused.explain(connection, [arrivals[i] for i in unwritten])
            answers |= {i: fault or LATE for i, fault in zip(unwritten, faults, strict=True)}
    return [answers[i] for i in range(len(arrivals))], [
        NodeAnnouncement(NodeEvent.HEARTBEAT, node) for node, _ in judged
    ]


def _answer(usual: Accepted, row: Any) -> Accepted:
    if not (row.renew or row.watched or row.assignments is not None):
        return usual
    interval = FASTER_BEATS_MS if row.watched else usual.interval_ms
    return replace(usual, interval_ms=interval, renew=bool(row.renew), assignments=row.assignments)


@contextmanager
def _one_transaction(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql("BEGIN")
    try:
        yield
    except BaseException:
        with suppress(SQLAlchemyError):
            connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _row(number: int, arrival: Arrival) -> Json:
    beat = arrival.beat
    return {
        "i": number,
        "node": arrival.node_id,
        "cpu": beat.cpu_usage,
        "memory": beat.memory_usage,
        "disk": beat.disk_usage,
        "load": beat.load_average,
        "version": beat.version,
        "machine": beat.machine_id,
        "scope": beat.scope,
        "reports": beat.agents,
        "boot": beat.boot_id,
        "number": beat.number if beat.boot_id else None,
        "assignments": beat.assignments,
        "credential": arrival.credential.hex() or None,
    }
