"""The audit log: written in the transaction of the change itself."""

from typing import Any

from sqlalchemy import func, select, text

from app.domain.identity.actor import Actor
from app.domain.identity.audit import BEGINNING, Entry, Result, chained
from app.extensions import db
from app.models import AuditEntry
from app.services.transaction import transaction

# One writer at a time, until its commit: the chain has one end.
_TAKE_THE_END = text("SELECT pg_advisory_xact_lock(7120385)")
# A statement of its own: it must see what was committed while this one waited for the end.
_LAST = select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1).scalar_subquery()
_END = select(func.clock_timestamp(), _LAST)
LONGEST_TARGET = 500


def record(
    by: Actor, action: str, target: str, result: Result = Result.DONE, detail: dict[str, Any] | None = None
) -> None:
    """Add an entry within the current transaction. Call it last: others wait for the end of the chain."""
    db.session.execute(_TAKE_THE_END)
    now, previous = db.session.execute(_END).one()
    entry = Entry(
        at=now,
        actor_kind=by.kind,
        actor_id=_line(by.id, 64),
        actor_name=_line(by.name, 128),
        address=_line(by.address, 64),
        action=_line(action, 64),
        target=_line(target, LONGEST_TARGET),
        result=result,
        request_id=_line(by.request_id, 64),
        detail=detail or {},
    )
    db.session.add(AuditEntry(**vars(entry), hash=chained(entry, previous or BEGINNING)))
    db.session.flush()


def record_refusal(by: Actor, action: str, target: str, reason: str) -> None:
    """Add an entry about an attempt that was refused, in a transaction of its own."""
    with transaction():
        record(by, action, target, Result.REFUSED, {"reason": reason})


def _line(said: str, longest: int) -> str:
    """What fits the column and is one line: a stranger chose the path that he was refused at."""
    return "".join(filter(str.isprintable, said))[:longest]
