"""What heartbeats prove about agents: jobs end, moves go on, promises become use.

It runs within the transaction that follows a batch of heartbeats of nodes that somebody waits for, and in a sweep for
what no heartbeat brings. It never waits for an agent that somebody else is changing: the next look finds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from app.domain.agents import proof
from app.domain.agents.proof import Sight
from app.domain.jobs import JobKind, Outcome
from app.extensions import db, settings
from app.services.agents.acts import moving
from app.services.agents.acts.ending import end, end_wholes
from app.services.placement.reserving import recount
from app.services.transaction import transaction

_SETTLE = text("""
UPDATE agents SET settled_at = now() WHERE agent_id IN (
    SELECT a.agent_id FROM agents a JOIN cluster_nodes n USING (node_id)
    WHERE a.settled_at IS NULL AND a.wanted = 'running'
        AND (CAST(:node_ids AS text[]) IS NULL OR a.node_id = ANY(:node_ids))
        AND n.agent_reports ? a.agent_id AND NOT n.agent_reports->a.agent_id ? 'absent'
        AND coalesce(n.agent_reports->a.agent_id->>'epoch', a.epoch::text) = a.epoch::text
    ORDER BY a.agent_id FOR UPDATE OF a SKIP LOCKED)
RETURNING node_id
""")
# Overdue: too late altogether, or for the new node to start it, from when that node may.
_OPEN = text("""
SELECT j.id, j.kind, j.target, j.deadline < now() OR coalesce(
        CASE WHEN a.wanted = 'running' AND a.may_overlap = (a.moving_to IS NOT NULL) THEN
            CASE WHEN a.may_overlap THEN j.created_at ELSE a.placed_at END END
        + make_interval(secs => (j.target->>'startWithin')::float8) < now(), false) AS overdue,
    a.agent_id, a.epoch, a.wanted, a.node_id, a.moving_to, a.may_overlap, a.on_node_loss, a.lease_seconds, a.revision,
    a.lease_revision, now() AS now
FROM jobs j JOIN agents a USING (agent_id)
WHERE j.state IN ('queued', 'running') AND j.kind IN ('start_agent', 'stop_agent', 'move_agent')
    AND (CAST(:node_ids AS text[]) IS NULL OR a.node_id = ANY(:node_ids) OR a.moving_to = ANY(:node_ids)
        OR j.node_id = ANY(:node_ids))
ORDER BY a.agent_id, j.created_at FOR UPDATE OF a SKIP LOCKED
""")
_SIGHT = text("""
SELECT n.node_id, n.last_heartbeat, n.assignments_seen, n.agent_reports->CAST(:agent_id AS text) AS copy,
    coalesce(n.last_heartbeat > now() - make_interval(secs => :offline_after), false) AS up
FROM cluster_nodes n WHERE n.node_id = ANY(:node_ids)
""")
# Somebody who begins to wait meanwhile has changed watched_until, and is waited for.
_REST = text("""
UPDATE cluster_nodes n SET watched_until = NULL
FROM (SELECT node_id, watched_until FROM cluster_nodes WHERE node_id = ANY(:node_ids)) w
WHERE n.node_id = w.node_id AND n.watched_until = w.watched_until AND n.assignments_seen = n.assignments_revision
    AND NOT EXISTS (
        SELECT FROM agents a WHERE a.node_id = n.node_id AND a.settled_at IS NULL AND a.wanted = 'running')
    AND NOT EXISTS (
        SELECT FROM jobs j JOIN agents a USING (agent_id) WHERE j.state IN ('queued', 'running')
            AND (a.node_id = n.node_id OR a.moving_to = n.node_id OR j.node_id = n.node_id))
""")


@dataclass(frozen=True)
class Open:
    """A job about an agent that has not ended, with the agent as it is and its copies by node."""

    job: Any
    sights: dict[str, Sight]

    def sight(self, node_id: str | None) -> Sight:
        """The copy there; a node that was removed reports nothing any more."""
        return self.sights.get(node_id or "", Sight(node_id or "no node", False, None, False, None))


def look(connection: Connection, node_ids: Sequence[str] | None) -> None:
    """See what the last reports of these nodes (None: of all) prove, within the caller's transaction."""
    settled = set(connection.execute(_SETTLE, {"node_ids": node_ids}).scalars())
    recount(connection, sorted(settled))
    for row in connection.execute(_OPEN, {"node_ids": node_ids}).all():
        _judge(connection, Open(row, _sights(connection, row)))
    end_wholes(connection)
    if node_ids is not None:
        connection.execute(_REST, {"node_ids": node_ids})


def sweep() -> None:
    """The same for the whole fleet, and what no report brings: ends by deadline, and moves that nobody follows."""
    with transaction():
        look(db.session.connection(), None)
        moving.give_up_left_behind(db.session.connection())


def _judge(connection: Connection, one: Open) -> None:
    job = one.job
    if job.kind == JobKind.MOVE_AGENT:
        outcome = moving.go_on(connection, one)
    elif job.kind == JobKind.START_AGENT:
        outcome = _judge_start(one)
    else:
        sight = one.sight(job.node_id)
        outcome = proof.stopped(sight) or (proof.not_stopped(sight) if job.overdue else None)
    if outcome is not None:
        end(connection, job.id, outcome)


def _judge_start(one: Open) -> Outcome | None:
    sight = one.sight(one.job.node_id)
    found = proof.started(sight, one.job.epoch)
    return found or (proof.not_started(sight, one.job.epoch) if one.job.overdue else None)


def _sights(connection: Connection, row: Any) -> dict[str, Sight]:
    asked = {"agent_id": row.agent_id, "offline_after": settings().offline_after.total_seconds()}
    nodes = [row.node_id, row.moving_to, row.target.get("from")]
    rows = connection.execute(_SIGHT, {**asked, "node_ids": [one for one in nodes if one]})
    return {n.node_id: _sight(n, row) for n in rows}


def _sight(node: Any, agent: Any) -> Sight:
    seen = -1 if node.assignments_seen is None else node.assignments_seen
    informed, bound = seen >= agent.revision, seen >= agent.lease_revision
    return Sight(node.node_id, node.up, node.last_heartbeat, informed, node.copy, bound)
