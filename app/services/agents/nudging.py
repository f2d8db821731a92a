"""Be quick: ask a node for an early heartbeat, because what it should run has changed."""

from sqlalchemy import select

from app.domain.errors import Unavailable
from app.extensions import db
from app.gateways import node_http, task_queue
from app.models import NodeRow
from app.services.transaction import transaction


def nudge(node_id: str | None) -> None:
    """Have a Celery worker nudge the node. It is no loss if nobody does: the next heartbeat brings it anyway."""
    if node_id is None:
        return
    try:
        task_queue.send_nudge(node_id)
    except Unavailable:
        return


def call(node_id: str) -> None:
    """Nudge it now, from within a Celery worker."""
    with transaction():
        columns = select(NodeRow.host, NodeRow.port).where(NodeRow.node_id == node_id, NodeRow.managed)
        address = db.session.execute(columns).one_or_none()
    if address is not None:
        node_http.nudge(address.host, address.port)
