"""Users: list, create, change, remove, and links that let them in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.errors import LastAdmin, NameTaken, NotPermitted, UserNotFound
from app.domain.identity.actor import Actor
from app.domain.identity.permissions import Role
from app.extensions import db
from app.models import User
from app.services import audit
from app.services.people import admins, links, sessions, tokens
from app.services.people.links import Link
from app.services.transaction import transaction


@dataclass(frozen=True)
class UserView:
    """A user as admins see one."""

    id: UUID
    name: str
    role: str
    created_at: datetime
    last_seen_at: datetime | None
    has_password: bool
    totp: bool
    disabled: bool


def list_users(words: str) -> list[UserView]:
    """All users whose name, role and state hold every word, by name."""
    with transaction():
        views = [_view(user) for user in db.session.scalars(select(User).order_by(func.lower(User.name)))]
    wanted = words.lower().split()
    return [view for view in views if all(word in _searched(view) for word in wanted)]


def create(by: Actor, name: str, role: Role) -> tuple[UserView, Link]:
    """A new user, and the link for the first sign-in. Raises NameTaken."""
    with transaction():
        made = insert(User).values(id=uuid4(), name=name, role=role).on_conflict_do_nothing().returning(User)
        user = db.session.scalar(made)
        if user is None:
            raise NameTaken
        link = links.issue(user.id, links.SENT_TO_SOMEBODY)
        view = _view(user)
        audit.record(by, "user.create", name, detail={"role": role})
    return view, link


def change(by: Actor, user_id: UUID, role: Role | None, disabled: bool | None) -> UserView:
    """Change a role, which counts at once; disable, which ends all sessions and revokes all API tokens; or enable.

    Raises UserNotFound, LastAdmin, or NotPermitted for one's own role.
    """
    with transaction():
        user = _locked(user_id)
        was = (user.role, user.disabled)
        user.role, user.disabled = role or user.role, user.disabled if disabled is None else disabled
        if user.role != Role.ADMIN or user.disabled:
            _keep_an_admin(user_id)
        if user.role != was[0] and by.user_id == str(user_id):
            raise NotPermitted("Nobody changes their own role: ask another admin")
        lost = _shut_out(user_id) if user.disabled else {}
        view = _view(user)
        if (user.role, user.disabled) != was:
            audit.record(by, "user.update", user.name, detail={"role": user.role, "disabled": user.disabled, **lost})
    return view


def remove(by: Actor, user_id: UUID) -> None:
    """Forget a user with all sessions, links and API tokens. Raises UserNotFound or LastAdmin."""
    with transaction():
        user = _locked(user_id)
        _keep_an_admin(user_id)
        db.session.delete(user)
        db.session.flush()
        audit.record(by, "user.remove", user.name, detail={"role": user.role})


def issue_link(by: Actor, user_id: UUID, *, reset: bool) -> Link:
    """A link for a user who is locked out; `reset` also forgets password and second factor. Raises UserNotFound."""
    with transaction():
        user = _locked(user_id)
        if reset:
            admins.forget_secrets(user)
        link = links.issue(user_id, links.SENT_TO_SOMEBODY)
        audit.record(by, "user.sign-in-link", user.name, detail={"reset": reset})
    return link


def _locked(user_id: UUID) -> User:
    # All admins are locked first and in one order: of two changes at once the second sees what the first has left.
    db.session.execute(select(User.id).where(User.role == Role.ADMIN).order_by(User.id).with_for_update())
    user = db.session.get(User, user_id, with_for_update=True)
    if user is None:
        raise UserNotFound
    return user


def _shut_out(user_id: UUID) -> dict[str, int]:
    return {"endedSessions": sessions.end_others(user_id, kept=""), "revokedTokens": tokens.revoke_all(user_id)}


def _keep_an_admin(leaving: UUID) -> None:
    """Raises LastAdmin if nobody who may sign in as admin is left without this user."""
    others = select(func.count()).where(User.role == Role.ADMIN, ~User.disabled, User.id != leaving)
    with db.session.no_autoflush:
        was_admin = select(User.id).where(User.id == leaving, User.role == Role.ADMIN, ~User.disabled)
        if db.session.scalar(was_admin) and not db.session.scalar(others):
            raise LastAdmin


def _view(user: User) -> UserView:
    told: dict[str, Any] = {name: getattr(user, name) for name in ("id", "name", "role", "created_at", "last_seen_at")}
    return UserView(
        **told, has_password=user.password_hash is not None, totp=user.totp_confirmed, disabled=user.disabled
    )


def _searched(view: UserView) -> str:
    return f"{view.name} {view.role} {'disabled' if view.disabled else 'enabled'}".lower()
