"""Machines that were turned away: one row for the same machine and cause, in a table that cannot be filled up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from app.domain.identity.joining import SENTENCES, refusal_code
from app.extensions import db
from app.models import Knock, Refusal
from app.services.transaction import transaction

MOST = 1000
SHOWN = 500

# Once a second at most, so that a machine that hammers does not make the database write as fast as it can send. In the
# order of codes, so that two processes with the same ones do not wait for each other.
_NOTE = text("""
INSERT INTO refusals (code, cause, node_id, address)
SELECT * FROM unnest(
    CAST(:codes AS text[]), CAST(:causes AS text[]), CAST(:node_ids AS text[]), CAST(:addresses AS text[])
) AS said (code, cause, node_id, address) ORDER BY code
ON CONFLICT (code) DO UPDATE SET last_at = now(), count = refusals.count + 1
WHERE refusals.last_at < now() - interval '1 second'
RETURNING code, count
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


@dataclass(frozen=True)
class TurnedAway:
    """A machine, where it is, and why it was turned away."""

    node_id: str
    address: str
    cause: str

    @property
    def code(self) -> str:
        """Under which people find it."""
        return refusal_code(self.node_id, self.address, self.cause)


def note(connection: Connection | Session, *refused: TurnedAway) -> frozenset[str]:
    """Write refusals down, within the caller's transaction: two statements, however many. Returns the new codes."""
    by_code = {one.code: one for one in refused}
    if not by_code:
        return frozenset()
    said = {
        "codes": list(by_code),
        "causes": [one.cause for one in by_code.values()],
        "node_ids": [one.node_id for one in by_code.values()],
        "addresses": [one.address for one in by_code.values()],
    }
    new = frozenset(code for code, count in connection.execute(_NOTE, said) if count == 1)
    if new:
        connection.execute(_FORGET, {"most": MOST})
    return new


def note_alone(refused: TurnedAway) -> str:
    """Write a refusal down in a transaction of its own. Returns its code."""
    with transaction():
        note(db.session(), refused)
    return refused.code


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
