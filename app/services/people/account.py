"""A person's own password."""

from sqlalchemy import select, update

from app.domain.errors import InvalidInput, SignInRequired
from app.domain.identity import password
from app.domain.identity.actor import Actor
from app.domain.identity.person import own_id
from app.extensions import db
from app.gateways import password_hash
from app.models import User
from app.services import audit
from app.services.people import guesses, sessions
from app.services.transaction import transaction


def change_password(by: Actor, current: str, new: str, kept: str) -> None:
    """Set the password and end all other sessions; `kept` is the secret of this one. Raises InvalidInput.

    The current password is needed if there is one, also after a sign-in by link.
    """
    user_id = own_id(by)
    with transaction():
        former = db.session.execute(select(User.password_hash).where(User.id == user_id)).scalar_one()
    if former is not None:
        guesses.spend(by.address, by.name)
        if not password_hash.matches(former, current):
            raise InvalidInput("The current password is not right", {"current": "is not right"})
    password.check(new, by.name)
    made = password_hash.make(new)
    with transaction():
        unchanged = update(User).where(User.id == user_id, User.password_hash.is_not_distinct_from(former))
        if db.session.scalar(unchanged.values(password_hash=made).returning(User.id)) is None:
            raise SignInRequired("Your password was changed elsewhere in this moment: sign in again")
        ended = sessions.end_others(user_id, kept)
        audit.record(by, "password.change", by.name, detail={"endedSessions": ended})
