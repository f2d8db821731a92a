"""The waiting room: machines without a valid join token that a person may let in. Closed unless somebody opens it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.domain.errors import KnockNotFound, NodeTaken
from app.domain.identity.actor import Actor
from app.domain.identity.joining import JoinRequest
from app.extensions import db
from app.models import ControlPlane, Knock, NodeCredential
from app.services import audit
from app.services.admission import credentials
from app.services.transaction import transaction

MOST = 50
WAITS = timedelta(minutes=10)  # a machine that does not knock any more has gone


@dataclass(frozen=True)
class Room:
    """Whether it is open, until when, and who waits."""

    is_open: bool
    until: datetime | None
    knocks: list[Knock]


def look() -> Room:
    """Who waits now, the longest first."""
    with transaction():
        until = _open_until()
        knocks = list(db.session.scalars(select(Knock).where(*_waiting()).order_by(Knock.first_at)))
        db.session.expunge_all()
    return Room(until is not None, until, knocks)


def open_for(by: Actor, minutes: int) -> Room:
    """Open it for some minutes; 0 closes it and sends away who waits."""
    until = func.now() + timedelta(minutes=minutes) if minutes else None
    with transaction():
        db.session.execute(update(ControlPlane).values(waiting_room_until=until))
        if not minutes:
            db.session.execute(delete(Knock).where(Knock.admitted_at.is_(None)))
        audit.record(by, "waiting-room.open" if minutes else "waiting-room.close", "", detail={"minutes": minutes})
    return look()


def knock(said: JoinRequest, address: str, code: str) -> bool:
    """Let a machine wait, within the current transaction. False when it cannot: closed, full, an old secret."""
    if _open_until() is None or credentials.is_known(said.secret_hash):
        return False
    db.session.execute(delete(Knock).where(Knock.last_at < func.now() - WAITS))
    known = select(Knock.id).where(Knock.fingerprint == said.secret_hash)
    if db.session.scalar(known) is None and _count() >= MOST:
        return False
    values = {
        "node_id": said.node_id,
        "name": said.name,
        "platform": said.platform,
        "address": address,
        "capabilities": list(said.capabilities),
        "code": code,
    }
    statement = insert(Knock).values(id=uuid4(), fingerprint=said.secret_hash, **values)
    # What it says about itself is what a person decides by: it stays as it was first said.
    again = {"last_at": func.now(), "code": code, "address": address}
    db.session.execute(statement.on_conflict_do_update(index_elements=[Knock.fingerprint], set_=again))
    return True


def admit(by: Actor, knock_id: UUID) -> None:
    """Give a machine that waits its credential: with its next knock it is in. Raises KnockNotFound, NodeTaken."""
    with transaction():
        row = _get(knock_id)
        credentials.take_turn(row.node_id)
        if credentials.is_live(row.node_id):
            raise NodeTaken(row.node_id)
        credentials.make(row.node_id, row.fingerprint, "admitted", list(row.capabilities))
        row.admitted_at = func.now()
        audit.record(by, "waiting-room.admit", row.node_id, detail={"address": row.address, "code": row.code})


def send_away(by: Actor, knock_id: UUID) -> None:
    """Let a machine wait no longer; it may knock again. Raises KnockNotFound."""
    with transaction():
        row = _get(knock_id)
        db.session.delete(row)
        audit.record(by, "waiting-room.send-away", row.node_id, detail={"address": row.address, "code": row.code})


def _get(knock_id: UUID) -> Knock:
    row: Knock | None = db.session.scalar(select(Knock).where(Knock.id == knock_id, *_waiting()).with_for_update())
    if row is None:
        raise KnockNotFound
    return row


def _waiting() -> tuple[ColumnElement[bool], ...]:
    joined = exists().where(NodeCredential.fingerprint == Knock.fingerprint)  # meanwhile, by a join token
    return Knock.admitted_at.is_(None), Knock.last_at >= func.now() - WAITS, ~joined


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Knock).where(Knock.admitted_at.is_(None))) or 0


def _open_until() -> datetime | None:
    chosen = select(ControlPlane.waiting_room_until).where(ControlPlane.waiting_room_until > func.now())
    found: datetime | None = db.session.scalar(chosen)
    return found
