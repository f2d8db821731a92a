"""Join tokens: make, list, revoke."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select

from app.domain.errors import JoinTokenNotFound
from app.domain.identity import secret
from app.domain.identity.actor import Actor
from app.domain.identity.secret import SecretKind
from app.extensions import db
from app.models import JoinToken, NodeCredential
from app.services import audit
from app.services.transaction import transaction

SHOWN = 500


@dataclass(frozen=True)
class Wanted:
    """What a new join token shall allow. `replace`: take the place of the one node that the pattern names."""

    name_pattern: str = "*"
    capabilities: tuple[str, ...] | None = None
    uses: int = 1
    expires_in_minutes: int = 15
    note: str = ""
    replace: bool = False


@dataclass(frozen=True)
class JoinTokenView:
    """A join token as people see it, with the nodes that joined with it."""

    id: UUID
    note: str
    name_pattern: str
    replace: bool
    capabilities: list[str] | None
    uses: int
    uses_left: int
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    nodes: Sequence[str]


def create(by: Actor, wanted: Wanted) -> tuple[JoinTokenView, str]:
    """A new join token, and its secret, which is shown this once."""
    made = secret.make(SecretKind.JOIN_TOKEN)
    with transaction():
        token = JoinToken(
            id=uuid4(),
            fingerprint=secret.fingerprint(made),
            note=wanted.note,
            name_pattern=wanted.name_pattern,
            replace=wanted.replace,
            capabilities=None if wanted.capabilities is None else list(wanted.capabilities),
            uses=wanted.uses,
            uses_left=wanted.uses,
            created_by=by.name[:64],
            expires_at=func.now() + timedelta(minutes=wanted.expires_in_minutes),
        )
        db.session.add(token)
        db.session.flush()
        view = _view(token, ())
        detail = {"namePattern": wanted.name_pattern, "uses": wanted.uses, "replace": wanted.replace}
        audit.record(by, "join-token.create", str(token.id), detail=detail)
    return view, made


def list_tokens(words: str) -> list[JoinTokenView]:
    """The newest join tokens that hold every word, newest first."""
    nodes: dict[UUID | None, list[str]] = {}
    with transaction():
        tokens = db.session.scalars(select(JoinToken).order_by(JoinToken.created_at.desc()).limit(SHOWN)).all()
        joined = select(NodeCredential.join_token_id, NodeCredential.node_id).distinct()
        chosen = joined.where(NodeCredential.join_token_id.in_([token.id for token in tokens]))
        for token_id, node_id in db.session.execute(chosen.order_by(NodeCredential.node_id)):
            nodes.setdefault(token_id, []).append(node_id)
        views = [_view(token, nodes.get(token.id, ())) for token in tokens]
    wanted = words.lower().split()
    return [view for view in views if all(word in _searched(view) for word in wanted)]


def revoke(by: Actor, token_id: UUID) -> None:
    """Nobody joins with it any more; nodes that did stay. Raises JoinTokenNotFound."""
    with transaction():
        token = db.session.get(JoinToken, token_id, with_for_update=True)
        if token is None:
            raise JoinTokenNotFound
        if token.revoked_at is None:
            token.revoked_at = func.now()
            audit.record(by, "join-token.revoke", str(token_id))


def _view(token: JoinToken, nodes: Sequence[str]) -> JoinTokenView:
    columns = {field: getattr(token, field) for field in JoinTokenView.__dataclass_fields__ if field != "nodes"}
    return JoinTokenView(**columns, nodes=nodes)


def _searched(view: JoinTokenView) -> str:
    return f"{view.note} {view.name_pattern} {view.created_by} {' '.join(view.nodes)}".lower()
