"""What whoever runs the control plane may do at its terminal: make the first admin, and let somebody in again."""

from uuid import uuid4

from sqlalchemy import func, select

from app.domain.errors import UserNotFound
from app.domain.identity.actor import SYSTEM
from app.domain.identity.permissions import Role
from app.extensions import db
from app.models import User
from app.services import audit
from app.services.people import links, sessions
from app.services.people.links import Link
from app.services.transaction import transaction

FIRST_NAME = "admin"


def make_or_find_admin(name: str | None) -> tuple[str, Link]:
    """The admin of that name, or else the first one who can sign in; made if there is none. With a link to sign in."""
    with transaction():
        user = _named(name) if name else _first() or _named(FIRST_NAME)
        if user is None:
            user = User(id=uuid4(), name=name or FIRST_NAME, role=Role.ADMIN)
            db.session.add(user)
            db.session.flush()
            audit.record(SYSTEM, "user.create", user.name, detail={"role": Role.ADMIN})
        elif user.role != Role.ADMIN or user.disabled:
            user.role, user.disabled = Role.ADMIN, False
            audit.record(SYSTEM, "user.update", user.name, detail={"role": Role.ADMIN, "disabled": False})
        return user.name, _link(user)


def let_in(name: str, *, reset: bool) -> tuple[str, Link]:
    """A link for a user who is locked out. `reset` forgets password and second factor. Raises UserNotFound."""
    with transaction():
        user = _named(name)
        if user is None:
            raise UserNotFound
        if reset:
            forget_secrets(user)
        return user.name, _link(user, reset=reset)


def forget_secrets(user: User) -> None:
    """Within the caller's transaction: the user chooses a new password; whoever knew the old one is signed out."""
    user.password_hash, user.totp_secret, user.totp_confirmed = None, None, False
    sessions.end_others(user.id, kept="")


def _named(name: str) -> User | None:
    found: User | None = db.session.scalar(select(User).where(func.lower(User.name) == name.lower()).with_for_update())
    return found


def _first() -> User | None:
    admins = select(User).where(User.role == Role.ADMIN, ~User.disabled).order_by(User.created_at, User.id).limit(1)
    found: User | None = db.session.scalar(admins)
    return found


def _link(user: User, *, reset: bool = False) -> Link:
    made = links.issue(user.id, links.AT_THE_TERMINAL)
    audit.record(SYSTEM, "user.sign-in-link", user.name, detail={"reset": reset})
    return made
