"""API tokens: what scripts present instead of a session."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, func, select, update

from app.domain.errors import NotPermitted, SignInRequired, TokenNotFound
from app.domain.identity import secret
from app.domain.identity.actor import Actor
from app.domain.identity.permissions import Role
from app.domain.identity.person import own_id
from app.domain.identity.secret import SecretKind
from app.extensions import db
from app.models import ApiToken, User
from app.services import audit
from app.services.transaction import transaction

SHOWN = 500


@dataclass(frozen=True)
class TokenView:
    """An API token as people see it: never its secret."""

    id: UUID
    name: str
    role: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def list_tokens(by: Actor, words: str) -> list[TokenView]:
    """The newest tokens that hold every word: one's own, or for admins all."""
    with transaction():
        chosen = _seen_by(by).order_by(ApiToken.created_at.desc(), ApiToken.id).limit(SHOWN)
        views = [_view(token, owner) for token, owner in db.session.execute(chosen)]
    wanted = words.lower().split()
    return [v for v in views if all(word in f"{v.name} {v.role} {v.created_by}".lower() for word in wanted)]


def create(by: Actor, name: str, role: Role, days: int) -> tuple[TokenView, str]:
    """A new token and its secret, which is shown this once.

    Raises NotPermitted for a role above one's own, and SignInRequired for somebody who was disabled meanwhile.
    """
    user_id, made = own_id(by), secret.make(SecretKind.API_TOKEN)
    if by.role is None or not by.role.covers(role):
        raise NotPermitted(f"A token may not more than you: you are {by.role}, it would be {role}")
    with transaction():
        # Whoever disables this person waits for the commit, and then finds the token; or was faster.
        enabled = select(User.id).where(User.id == user_id, ~User.disabled).with_for_update(read=True)
        if db.session.scalar(enabled) is None:
            raise SignInRequired
        token = ApiToken(id=uuid4(), fingerprint=secret.fingerprint(made), user_id=user_id, name=name, role=role)
        token.expires_at = func.now() + timedelta(days=days)
        db.session.add(token)
        db.session.flush()
        view = _view(token, by.name)
        audit.record(by, "token.create", str(view.id), detail={"name": name, "role": role, "days": days})
    return view, made


def revoke(by: Actor, token_id: UUID) -> None:
    """It does not count any more, at once. Raises TokenNotFound, also for tokens of others."""
    with transaction():
        token = db.session.scalar(_seen_by(by).where(ApiToken.id == token_id).with_for_update(of=ApiToken))
        if token is None:
            raise TokenNotFound
        if token.revoked_at is None:
            token.revoked_at = func.now()
            audit.record(by, "token.revoke", str(token_id), detail={"name": token.name})


def revoke_all(user_id: UUID) -> int:
    """Within the caller's transaction: none of a user's tokens ever counts again. Returns how many did until now."""
    counting = (ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > func.now())
    done = db.session.execute(
        update(ApiToken).where(*counting).values(revoked_at=func.now()),
        execution_options={"synchronize_session": False},
    )
    return cast("CursorResult[Any]", done).rowcount


def _seen_by(by: Actor) -> Any:
    chosen = select(ApiToken, User.name).join(User, User.id == ApiToken.user_id)
    return chosen if by.role is Role.ADMIN else chosen.where(ApiToken.user_id == UUID(by.user_id))


def _view(token: ApiToken, owner: str) -> TokenView:
    kept = [name for name in TokenView.__dataclass_fields__ if name != "created_by"]
    return TokenView(**{name: getattr(token, name) for name in kept}, created_by=owner)
