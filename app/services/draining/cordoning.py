"""Let a node take no new agents, for a while or until somebody ends it."""

from datetime import datetime

from sqlalchemy import select, text

from app.domain.errors import NodeNotFound
from app.domain.identity.actor import SYSTEM, Actor
from app.domain.nodes.events import NodeAnnouncement, NodeEvent
from app.domain.nodes.node import Node
from app.domain.upkeep.cordon import cordon as new_cordon
from app.extensions import db
from app.gateways import event_bus
from app.models import NodeRow
from app.services import audit
from app.services.node_view import Moment
from app.services.transaction import transaction

_OVER = text("(cordon->>'until')::timestamptz <= now()")


def cordon(by: Actor, node_id: str, note: str, until: datetime | None) -> Node:
    """Agents that are there stay. Raises NodeNotFound, or InvalidInput for an end that is over."""
    with transaction() as after_commit:
        row = lock(node_id)
        put_on(row, by, note, until)
        audit.record(by, "node.cordon", node_id, detail={"note": note, "until": row.cordon and row.cordon["until"]})
        node = Moment.read().view(row)
        after_commit(lambda: announce(node))
    return node


def uncordon(by: Actor, node_id: str) -> Node:
    """Let it take agents again. Raises NodeNotFound."""
    with transaction() as after_commit:
        row = lock(node_id)
        _take_off(row)
        audit.record(by, "node.uncordon", node_id)
        node = Moment.read().view(row)
        after_commit(lambda: announce(node))
    return node


def end_cordons() -> int:
    """End every cordon whose time is over. Returns how many."""
    with transaction() as after_commit:
        rows = db.session.scalars(select(NodeRow).where(_OVER).order_by(NodeRow.node_id).with_for_update()).all()
        moment = Moment.read()
        for row in rows:
            _take_off(row)
            audit.record(SYSTEM, "node.uncordon", row.node_id, detail={"reason": "its time is over"})
        nodes = [moment.view(row) for row in rows]
        after_commit(lambda: announce(*nodes))
    return len(nodes)


def put_on(row: NodeRow, by: Actor, note: str, until: datetime | None) -> None:
    """Cordon a locked row, within the current transaction. Raises InvalidInput."""
    row.cordon = new_cordon(note, until, by.name, Moment.read().now, row.cordon)
    row.schedulable = False
    db.session.flush()


def lock(node_id: str) -> NodeRow:
    """A node's row, for us alone until the end of the transaction. Raises NodeNotFound."""
    row = db.session.get(NodeRow, node_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NodeNotFound
    return row


def announce(*nodes: Node) -> None:
    """Tell every viewer how these nodes are now."""
    event_bus.publish([NodeAnnouncement(NodeEvent.UPDATE, node) for node in nodes])


def _take_off(row: NodeRow) -> None:
    row.cordon, row.schedulable = None, True
    db.session.flush()
