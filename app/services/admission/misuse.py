"""A node's credential that was used for another node: an entry in the audit log, however often it is tried."""

from datetime import timedelta

from sqlalchemy import func, select

from app.domain.errors import ForeignCredential
from app.domain.identity.actor import Actor, ActorKind
from app.domain.identity.audit import Result
from app.extensions import db
from app.models import AuditEntry
from app.services import audit
from app.services.admission import credentials
from app.services.transaction import transaction

# Nothing deletes entries there, so whoever holds a credential may not make as many as it likes.
WINDOW = timedelta(hours=1)
MOST = 20  # nodes that one node is named with within the window


def write_down(by: Actor, action: str, node_id: str, fault: ForeignCredential) -> None:
    """Add an entry in a transaction of its own, unless there is one of this hour, or there are too many."""
    owner = Actor(ActorKind.NODE, fault.owner, fault.owner, address=by.address, request_id=by.request_id)
    with transaction():
        if _is_due(action, node_id, fault.owner):
            credentials.take_turn(fault.owner)
            if _is_due(action, node_id, fault.owner):  # nobody was faster
                audit.record(owner, action, node_id, Result.REFUSED, {"reason": str(fault)})


def _is_due(action: str, node_id: str, owner: str) -> bool:
    lately = (AuditEntry.at > func.now() - WINDOW, AuditEntry.result == Result.REFUSED)
    of_owner = (AuditEntry.actor_id == owner, AuditEntry.actor_kind == ActorKind.NODE, AuditEntry.action == action)
    newest = select(AuditEntry.target).where(*of_owner, *lately).order_by(AuditEntry.id.desc()).limit(MOST)
    named = db.session.scalars(newest).all()
    return len(named) < MOST and node_id not in named
