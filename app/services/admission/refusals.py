"""Machines that were turned away: one row for the same machine and cause, in a table that cannot be filled up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from app.domain.joining import SENTENCES, refusal_code
from app.extensions import db
from app.models import Knock, Refusal
from app.services.transaction import transaction

MOST = 1000
SHOWN = 500

# Once a second at most, so that a machine that hammers does not make the database write as fast as it can send.
_NOTE = text("""
INSERT INTO refusals (code, cause, node_id, address) VALUES (:code, :cause, :node_id, :address)
ON CONFLICT (code) DO UPDATE SET last_at = now(), count = refusals.count + 1
WHERE refusals.last_at < now() - interval '1 second'
RETURNING count
""")
_FORGET = text("DELETE FROM refusals WHERE code IN (SELECT code FROM refusals ORDER BY last_at DESC OFFSET :most)")


@dataclass(frozen=True)
class RefusalView:
    """A refusal as people see it. `knock`: the machine waits to be let in."""

    code: str
    cause: str
    sentence: str
    node_id: str
    address: str
    first: datetime
    last: datetime
    count: int
    knock: bool


def note(connection: Connection | Session, node_id: str, address: str, cause: str) -> tuple[str, bool]:
    """Write a refusal down, within the caller's transaction. Returns its code, and whether it is a new one."""
    code = refusal_code(node_id, address, cause)
    values = {"code": code, "cause": cause, "node_id": node_id, "address": address}
    is_new = connection.execute(_NOTE, values).scalar() == 1
    if is_new:
        connection.execute(_FORGET, {"most": MOST})
    return code, is_new


def note_alone(node_id: str, address: str, cause: str) -> str:
    """Write a refusal down in a transaction of its own. Returns its code."""
    with transaction():
        return note(db.session(), node_id, address, cause)[0]


def list_refusals(words: str) -> list[RefusalView]:
    """The newest refusals that hold every word, newest first."""
    chosen = select(Refusal).order_by(Refusal.last_at.desc()).limit(MOST)
    with transaction():
        waiting = set(db.session.scalars(select(Knock.code).where(Knock.admitted_at.is_(None))))
        views = [
            RefusalView(
                r.code,
                r.cause,
                SENTENCES[r.cause],
                r.node_id,
                r.address,
                r.first_at,
                r.last_at,
                r.count,
                r.code in waiting,
            )
            for r in db.session.scalars(chosen)
        ]
    wanted = words.lower().split()
    return [view for view in views if all(word in _searched(view) for word in wanted)][:SHOWN]


def _searched(view: RefusalView) -> str:
    return f"{view.code} {view.cause} {view.sentence} {view.node_id} {view.address}".lower()
