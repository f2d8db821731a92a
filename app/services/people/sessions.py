"""Sessions: begun by a sign-in, ended by the person, by time, or by an admin."""

from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, func

from app.domain.identity import secret
from app.domain.identity.actor import Actor, ActorKind
from app.domain.identity.permissions import Role
from app.domain.identity.person import Person, own_id
from app.domain.identity.secret import SecretKind
from app.extensions import db, settings
from app.models import Session, SignInLink, User
from app.services import audit
from app.services.transaction import transaction


@dataclass(frozen=True)
class SignedIn:
    """A new session. The secret goes into the cookie and is nowhere else."""

    person: Person
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Visit:
    """What a browser tells with a sign-in: what it is, and the secret of the session it had."""

    browser: str
    former_session: str = field(repr=False)


def whoami(by: Actor) -> Person | None:
    """The person who asks, or for whom a script asks; None for nodes and for nobody."""
    if by.role is None:
        return None
    if not by.user_id:
        return Person("", by.name, by.role)
    with transaction():
        user = db.session.get(User, UUID(by.user_id))
        return _shown(user, by.role) if user else None


def sign_out(by: Actor, presented: str) -> None:
    """End this session."""
    with transaction():
        if _end(Session.fingerprint == secret.fingerprint(presented)):
            audit.record(by, "session.end", by.name)


def sign_out_everywhere(by: Actor) -> int:
    """End all sessions of the person who asks. Returns how many."""
    user_id = own_id(by)
    with transaction():
        ended = _end(Session.user_id == user_id)
        audit.record(by, "session.end-all", by.name, detail={"ended": ended})
    return ended


def begin(by: Actor, user: User, visit: Visit, how: str) -> SignedIn:
    """Within the caller's transaction: a session with a secret of its own, in place of the one that the browser had."""
    made = secret.make(SecretKind.SESSION)
    _end(Session.fingerprint == secret.fingerprint(visit.former_session))
    session = Session(
        fingerprint=secret.fingerprint(made),
        user_id=user.id,
        address=by.address[:64],
        browser="".join(filter(str.isprintable, visit.browser))[:200],
        expires_at=func.now() + settings().session_life,
    )
    db.session.add(session)
    user.last_seen_at = func.now()
    own = str(user.id)
    itself = Actor(ActorKind.USER, own, user.name, Role(user.role), by.address, by.request_id, user_id=own)
    shown = _shown(user, Role(user.role))
    audit.record(itself, "session.begin", user.name, detail={"by": how})
    return SignedIn(shown, made)


def end_others(user_id: UUID, kept: str) -> int:
    """Within the caller's transaction: end all sessions of a user but one, and void the user's sign-in link."""
    db.session.execute(delete(SignInLink).where(SignInLink.user_id == user_id))
    return _end(Session.user_id == user_id, Session.fingerprint != secret.fingerprint(kept))


def _end(*which: Any) -> int:
    done = db.session.execute(delete(Session).where(*which))
    return cast("CursorResult[Any]", done).rowcount


def _shown(user: User, role: Role) -> Person:
    return Person(str(user.id), user.name, role, user.password_hash is not None, user.totp_confirmed)
