"""The audit log: written in the transaction of the change itself."""

from typing import Any

from sqlalchemy import func, select, text

from app.domain.actor import Actor
from app.domain.audit import BEGINNING, Entry, Result, chained
from app.extensions import db
from app.models import AuditEntry
from app.services.transaction import transaction

# One writer at a time, until its commit: the chain has one end.
_TAKE_THE_END = text("SELECT pg_advisory_xact_lock(7120385)")


def record(
    by: Actor, action: str, target: str, result: Result = Result.DONE, detail: dict[str, Any] | None = None
) -> None:
    """Add an entry within the current transaction. Call it last: others wait for the end of the chain."""
    db.session.execute(_TAKE_THE_END)
    previous = db.session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)) or BEGINNING
    entry = Entry(
        at=db.session.execute(select(func.clock_timestamp())).scalar_one(),
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        address=by.address,
        action=action,
        target=target,
        result=result,
        request_id=by.request_id,
        detail=detail or {},
    )
    db.session.add(AuditEntry(**vars(entry), hash=chained(entry, previous)))
    db.session.flush()


def record_refusal(by: Actor, action: str, target: str, reason: str) -> None:
    """Add an entry about an attempt that was refused, in a transaction of its own."""
    with transaction():
        record(by, action, target, Result.REFUSED, {"reason": reason})
