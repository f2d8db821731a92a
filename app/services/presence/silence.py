"""The stale check: turn the silence of nodes into one stored transition and one event each."""

import logging
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, text, update

from app.domain.nodes.events import NodeAnnouncement, NodeEvent
from app.domain.nodes.status import (
    MASS_OUTAGE_WINDOW,
    NodeStatus,
    StatusReason,
    is_mass_outage,
    silent_before,
)
from app.extensions import db
from app.gateways import event_bus
from app.models import ControlPlane, NodeRow
from app.services.agents import losing
from app.services.node_view import COLUMNS, Moment, StoredNode, stored
from app.services.presence.transitions import Entry, write_entries
from app.services.transaction import transaction

log = logging.getLogger(__name__)

# Only forwards, so that a check which was delayed on its way does not hide a newer one.
_TICK = text("UPDATE control_plane SET last_tick = greatest(last_tick, now())")


def mark_silent_nodes() -> list[str]:
    """Announce every node that has gone silent; returns their ids. Harmless when it runs doubled or late."""
    with transaction() as after_commit:
        db.session.execute(_TICK)
        moment = Moment.read()
        cutoff = silent_before(moment.listening_since, moment.now, moment.offline_after)
        if cutoff is None:
            return []
        rows = _claim(cutoff)
        nodes = [(was, moment.view(row)) for was, row in rows]
        write_entries(
            db.session(),
            [
                Entry(n.node_id, was, NodeStatus.OFFLINE, StatusReason.SILENT, _sentence(moment), n.agents)
                for was, n in nodes
            ],
        )
        losing.note_losses(db.session.connection(), [node.node_id for _, node in nodes])
        _watch_for_mass_outage(moment.now)
        announcements = [NodeAnnouncement(NodeEvent.OFFLINE, node) for _, node in nodes]
        after_commit(lambda: event_bus.publish(announcements))
    return [node.node_id for _, node in nodes]


def _claim(cutoff: datetime) -> list[tuple[str, StoredNode]]:
    overdue = (NodeRow.status != NodeStatus.OFFLINE, NodeRow.last_heartbeat < cutoff)
    # In the order in which a batch of heartbeats locks its nodes: in any other, each could wait for the other.
    # Once locked, a node that beat meanwhile, or that another check took, no longer matches.
    lock = select(NodeRow.node_id, NodeRow.status).where(*overdue).order_by(NodeRow.node_id).with_for_update()
    locked = lock.cte("locked")
    claim = (
        update(NodeRow)
        .where(NodeRow.node_id == locked.c.node_id, *overdue)
        .values(status=NodeStatus.OFFLINE, status_reason=StatusReason.SILENT, status_since=func.now())
        .returning(locked.c.status, *COLUMNS)
    )
    return [(was, stored(row)) for was, *row in db.session.connection().execute(claim)]


def _sentence(moment: Moment) -> str:
    return f"No heartbeat for {round(moment.offline_after.total_seconds())} s"


def _watch_for_mass_outage(now: datetime) -> None:
    """Say once when most of the fleet went silent within a minute: then the cause is probably ours."""
    silent = (NodeRow.status == NodeStatus.OFFLINE, NodeRow.status_reason == StatusReason.SILENT)
    recent = _count(*silent, NodeRow.status_since > now - MASS_OUTAGE_WINDOW)
    up = _count(NodeRow.status != NodeStatus.OFFLINE)
    state = db.session.get_one(ControlPlane, 1, populate_existing=True)
    if is_mass_outage(recent, up + recent):
        if state.mass_outage_since is None:
            log.warning("%d of %d nodes went silent within a minute: probably our own network", recent, up + recent)
            state.mass_outage_since = now
        state.mass_outage_nodes = max(state.mass_outage_nodes, recent)
    elif state.mass_outage_since is not None and not is_mass_outage(_count(*silent), up + _count(*silent)):
        state.mass_outage_since, state.mass_outage_nodes = None, 0


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(NodeRow).where(*conditions)) or 0
