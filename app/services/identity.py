"""Who is behind a secret that was presented."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, union_all, update

from app.domain.errors import CredentialRefused
from app.domain.identity import credential, secret
from app.domain.identity.actor import Actor, ActorKind
from app.domain.identity.permissions import Role, lower
from app.extensions import db, settings
from app.models import ApiToken, NodeCredential, NodeRow, Session, User
from app.services.transaction import transaction

# "Last seen" is written once in this time, not with every request.
SEEN_EVERY = timedelta(minutes=1)


def from_session(presented: str) -> Actor | None:
    """The person whose browser sent this session secret; None when it is not valid (any more)."""
    found = select(User.id, User.name, User.role, Session.last_seen_at, func.now().label("now"))
    chosen = found.join(Session, Session.user_id == User.id).where(
        Session.fingerprint == secret.fingerprint(presented), *_session_counts()
    )
    with transaction():
        row = db.session.execute(chosen).one_or_none()
        if row is None:
            return None
        if row.now - row.last_seen_at > SEEN_EVERY:
            _note_session(presented, row)
    return Actor(ActorKind.USER, str(row.id), row.name, Role(row.role), user_id=str(row.id))


def from_api_token(presented: str) -> Actor | None:
    """The script that sent this API token, with the lower of its own and its owner's role."""
    found = select(ApiToken.id, ApiToken.name, ApiToken.role, ApiToken.last_used_at, User.role.label("owner_role"))
    chosen = (
        found.add_columns(User.id.label("user_id"), func.now().label("now"))
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.fingerprint == secret.fingerprint(presented), *_token_counts())
    )
    with transaction():
        row = db.session.execute(chosen).one_or_none()
        if row is None:
            return None
        if row.last_used_at is None or row.now - row.last_used_at > SEEN_EVERY:
            db.session.execute(update(ApiToken).where(ApiToken.id == row.id).values(last_used_at=func.now()))
    role = lower(Role(row.role), Role(row.owner_role))
    return Actor(ActorKind.TOKEN, str(row.id), row.name, role, user_id=str(row.user_id))


def from_node_credential(presented: str) -> Actor:
    """The node that sent this credential. Raises CredentialRefused or NodeRemoved when it is not valid (any more)."""
    columns = (NodeCredential.node_id, NodeCredential.expires_at, NodeCredential.revoked_because)
    chosen = (
        select(*columns, NodeCredential.capabilities, NodeRow.name, func.now().label("now"))
        .outerjoin(NodeRow, NodeRow.node_id == NodeCredential.node_id)
        .where(NodeCredential.fingerprint == secret.fingerprint(presented))
    )
    with transaction():
        row = db.session.execute(chosen).one_or_none()
    if row is None:
        raise CredentialRefused("unknown")
    if fault := credential.fault(row, None, row.now):
        raise fault
    allowed = None if row.capabilities is None else frozenset(row.capabilities)
    return Actor(ActorKind.NODE, row.node_id, row.name or row.node_id, capabilities=allowed)


def still_valid(fingerprints: Collection[bytes]) -> frozenset[bytes]:
    """Those of these sessions and API tokens that still count."""
    wanted = list(fingerprints)
    sessions = select(Session.fingerprint).join(User, User.id == Session.user_id)
    tokens = select(ApiToken.fingerprint).join(User, User.id == ApiToken.user_id)
    both = union_all(
        sessions.where(Session.fingerprint.in_(wanted), *_session_counts()),
        tokens.where(ApiToken.fingerprint.in_(wanted), *_token_counts()),
    )
    with transaction():
        return frozenset(map(bytes, db.session.scalars(both)))


def _session_counts() -> tuple[Any, ...]:
    seen_lately = Session.last_seen_at > func.now() - settings().session_idle
    return (Session.expires_at > func.now(), seen_lately, ~User.disabled)


def _token_counts() -> tuple[Any, ...]:
    return (ApiToken.expires_at > func.now(), ApiToken.revoked_at.is_(None), ~User.disabled)


def _note_session(presented: str, row: Any) -> None:
    # The user first, as whoever disables one does: in the other order each would wait for the other.
    db.session.execute(update(User).where(User.id == row.id).values(last_seen_at=func.now()))
    fingerprint = secret.fingerprint(presented)
    db.session.execute(update(Session).where(Session.fingerprint == fingerprint).values(last_seen_at=func.now()))
