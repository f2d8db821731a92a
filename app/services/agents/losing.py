"""Start the agents of lost nodes elsewhere: those that may move, when their lease has surely run out, never before.

The claim is one UPDATE with the old node and epoch in its WHERE, made while the lost node's row is locked: a heartbeat
of it comes before, and then nothing is moved, or after, and then its answer says that the node has another list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, select, text

from app.domain.agents.errors import NoRoomForAgent
from app.domain.nodes.status import silent_before
from app.domain.upkeep.node_loss import ON_LOSS, is_probably_us, may_move, sight_of
from app.extensions import db, settings
from app.models import AgentRow, ControlPlane
from app.services import placement
from app.services.agents import history, nudging, placing
from app.services.agents.reading import needs_of
from app.services.node_view import Moment
from app.services.transaction import transaction

RECENT = timedelta(minutes=10)  # a node that is silent for longer says nothing about our own network

_NOTE = text("""
INSERT INTO agent_events (agent_id, kind, node_id, message)
SELECT a.agent_id, 'node_lost', a.node_id, a.node_id || ' ' || (CAST(:words AS jsonb)->>a.on_node_loss)
FROM agents a WHERE a.node_id = ANY(:node_ids) AND a.wanted = 'running'
""")
_LATE = text("""
SELECT count(*) FILTER (WHERE last_heartbeat < now() - CAST(:late AS interval)) AS late,
    count(*) FILTER (WHERE last_heartbeat >= now() - CAST(:late AS interval)) AS fresh
FROM cluster_nodes WHERE last_heartbeat > now() - CAST(:recent AS interval)
""")
_LOST = text("""
SELECT a.agent_id, a.epoch, a.lease_seconds, a.lease_revision, n.node_id, n.last_heartbeat, n.assignments_seen
FROM agents a JOIN cluster_nodes n USING (node_id)
WHERE a.on_node_loss = 'move' AND a.wanted = 'running' AND a.moving_to IS NULL AND n.last_heartbeat < :cutoff
    AND (a.origin = 'registered' OR a.command IS NOT NULL)
ORDER BY a.agent_id
""")
_LOCK = text("SELECT node_id FROM cluster_nodes WHERE node_id = ANY(:node_ids) ORDER BY node_id FOR UPDATE")
_HEARD = text("SELECT last_heartbeat FROM cluster_nodes WHERE node_id = :node_id")
_CLAIM = text("""
UPDATE agents SET node_id = :new, epoch = epoch + 1, settled_at = NULL, placed_at = now()
WHERE agent_id = :agent_id AND node_id = :old AND epoch = :epoch AND moving_to IS NULL AND wanted = 'running'
RETURNING agent_id
""")
_LAST_EVENT = text("SELECT kind FROM agent_events WHERE agent_id = :agent_id ORDER BY id DESC LIMIT 1")


@dataclass(frozen=True)
class Lost:
    """An agent whose copy on a lost node has surely ended."""

    agent_id: str
    node_id: str
    epoch: int
    heard_at: Any


def note_losses(connection: Connection, node_ids: Sequence[str]) -> None:
    """Tell in the history of each agent what becomes of it, within the caller's transaction."""
    if node_ids:
        connection.execute(_NOTE, {"node_ids": list(node_ids), "words": orjson.dumps(dict(ON_LOSS)).decode()})


def move_from_lost_nodes() -> list[str]:
    """Place elsewhere whatever may be started elsewhere by now; returns the ids of those agents."""
    return [one.agent_id for one in _due() if _move(one)]


def _due() -> list[Lost]:
    with transaction():
        moment = Moment.read()
        cutoff = silent_before(moment.listening_since, moment.now, moment.offline_after)
        if cutoff is None or _is_held():
            return []
        rows = db.session.execute(_LOST, {"cutoff": cutoff}).all()
    over = [row for row in rows if may_move(sight_of(row, row.lease_revision, False), row.lease_seconds, moment.now)]
    return [Lost(row.agent_id, row.node_id, row.epoch, row.last_heartbeat) for row in over]


def _is_held() -> bool:
    late = settings().offline_after * 2 / 3
    count = db.session.execute(_LATE, {"late": late, "recent": settings().offline_after + RECENT}).one()
    outage_since = db.session.scalar(select(ControlPlane.mass_outage_since))
    return is_probably_us(outage_since, count.late, count.fresh)


def _move(one: Lost) -> bool:
    with transaction() as after_commit:
        placement.take_turn()
        row = db.session.get(AgentRow, one.agent_id, with_for_update=True, populate_existing=True)
        if row is None or row.node_id != one.node_id or row.epoch != one.epoch:
            return False
        connection = db.session.connection()
        try:
            new = placing.decide(needs_of(row), row.role, row.agent_id, avoid={one.node_id}).node_id
        except NoRoomForAgent as refusal:
            _note_once(connection, one, str(refusal))
            return False
        if not _claim(connection, one, new):
            return False
        placement.note_changes(connection, [one.agent_id], [one.node_id, new], placed=True)
        history.note(connection, one.agent_id, "moved", new, f"Moved to {new}, since {one.node_id} was lost")
        after_commit(lambda: nudging.nudge(new))
    return True


def _claim(connection: Connection, one: Lost, new: str) -> bool:
    connection.execute(_LOCK, {"node_ids": [one.node_id, new]})
    if connection.execute(_HEARD, {"node_id": one.node_id}).scalar() != one.heard_at:
        return False  # it is back
    claim = {"agent_id": one.agent_id, "old": one.node_id, "new": new, "epoch": one.epoch}
    return connection.execute(_CLAIM, claim).first() is not None


def _note_once(connection: Connection, one: Lost, why: str) -> None:
    """It is tried again with every check; the history needs it once."""
    if connection.execute(_LAST_EVENT, {"agent_id": one.agent_id}).scalar() != "fits_nowhere":
        message = f"{one.node_id} was lost, and it waits for room: {why}"
        history.note(connection, one.agent_id, "fits_nowhere", one.node_id, message)
