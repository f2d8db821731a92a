"""Read the audit log, and check that nobody changed it."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from sqlalchemy import ColumnElement, func, select

from app.domain.identity.audit import BEGINNING, Entry, Verdict, walk
from app.extensions import db
from app.models import AuditEntry
from app.services.transaction import transaction

PER_TURN = 1000  # entries that are in memory at a time
_ENTRY = [getattr(AuditEntry, one.name) for one in fields(Entry)]
_SEARCHED = (
    AuditEntry.actor_name,
    AuditEntry.actor_id,
    AuditEntry.action,
    AuditEntry.target,
    AuditEntry.address,
    AuditEntry.request_id,
)


def search(words: str, before: int | None, limit: int) -> list[AuditEntry]:
    """The newest entries, older than `before`, in which each word occurs: in who, what, where or which request."""
    chosen = select(AuditEntry).where(*map(_mentions, words.split()))
    if before is not None:
        chosen = chosen.where(AuditEntry.id < before)
    with transaction():
        found = list(db.session.scalars(chosen.order_by(AuditEntry.id.desc()).limit(limit)))
        db.session.expunge_all()
    return found


def verify(noted: bytes = BEGINNING) -> Verdict:
    """Follow the whole chain, a piece at a time. `noted` is a hash that it once ended with: a cut-off end lacks it."""
    return walk(_all_entries(), noted)


def _mentions(word: str) -> ColumnElement[bool]:
    return func.concat_ws(" ", *_SEARCHED).icontains(word, autoescape=True)


def _all_entries() -> Iterator[tuple[int, Entry, bytes]]:
    last = 0
    while piece := _after(last):
        yield from piece
        last = piece[-1][0]


def _after(last: int) -> Sequence[tuple[int, Entry, bytes]]:
    chosen = select(AuditEntry.id, AuditEntry.hash, *_ENTRY).where(AuditEntry.id > last)
    with transaction():
        rows = db.session.execute(chosen.order_by(AuditEntry.id).limit(PER_TURN)).all()
    return [(row[0], Entry(*row[2:]), bytes(row[1])) for row in rows]
