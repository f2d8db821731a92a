"""The optional second factor: codes of an authenticator app."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.domain.errors import InvalidInput, TotpConflict
from app.domain.identity.actor import Actor
from app.domain.identity.person import own_id
from app.extensions import db
from app.gateways import authenticator, sealed
from app.models import User
from app.services import audit
from app.services.people import guesses
from app.services.transaction import transaction

PURPOSE = "totp"
WRONG = "The code is not right, or was used already: wait for the next one"


def prepare(by: Actor) -> tuple[str, str]:
    """A new secret and its URI for the app; it counts after a first code. Raises TotpConflict, NotConfigured."""
    user_id, made = own_id(by), authenticator.new_secret()
    closed = sealed.seal(f"{PURPOSE}:{user_id}", made)
    with transaction():
        pending = update(User).where(User.id == user_id, ~User.totp_confirmed).values(totp_secret=closed)
        if db.session.scalar(pending.returning(User.id)) is None:
            raise TotpConflict("Codes are needed already: turn that off first")
        audit.record(by, "totp.prepare", by.name)
    return made, authenticator.uri(made, by.name)


def confirm(by: Actor, code: str) -> None:
    """From now on a sign-in needs a code. Raises InvalidInput for a wrong one, TotpConflict if none is prepared."""
    _with_code(by, code, was_on=False, then={"totp_confirmed": True}, action="totp.on")


def turn_off(by: Actor, code: str) -> None:
    """A sign-in needs no code any more. Raises InvalidInput for a wrong one, TotpConflict if none is needed."""
    _with_code(by, code, was_on=True, then={"totp_confirmed": False, "totp_secret": None}, action="totp.off")


def opened(user_id: UUID, closed: bytes) -> str:
    """A user's secret; the seal is bound to the user. Raises NotConfigured without the key."""
    return sealed.unseal(f"{PURPOSE}:{user_id}", closed)


def reseal(by: Actor) -> int:
    """Seal every user's secret with the present SECRET_KEY, so that the former one can be forgotten. Returns how many.

    Raises NotConfigured, and changes nothing, when one of them opens with neither key.
    """
    with transaction():
        sealed_ones = select(User).where(User.totp_secret.is_not(None)).order_by(User.id).with_for_update()
        users = db.session.scalars(sealed_ones).all()
        for user in users:
            assert user.totp_secret is not None  # noqa: S101 - chosen so
            user.totp_secret = sealed.seal(f"{PURPOSE}:{user.id}", opened(user.id, user.totp_secret))
        audit.record(by, "secret-key.reseal", "", detail={"secrets": len(users)})
    return len(users)


def _with_code(by: Actor, code: str, *, was_on: bool, then: dict[str, Any], action: str) -> None:
    user_id = own_id(by)
    guesses.spend(by.address, by.name)
    with transaction():
        wanted = (User.id == user_id, User.totp_confirmed == was_on, User.totp_secret.is_not(None))
        row = db.session.execute(select(User.totp_secret, func.now().label("now")).where(*wanted)).one_or_none()
        if row is None:
            raise TotpConflict("Codes are not needed now" if was_on else "Ask for a secret first")
        step = authenticator.step_of(opened(user_id, row.totp_secret), code, row.now)
        if step is None:
            raise InvalidInput(WRONG, {"code": "is not right"})
        same = (*wanted, User.totp_secret == row.totp_secret, User.totp_step < step)
        if db.session.scalar(update(User).where(*same).values(totp_step=step, **then).returning(User.id)) is None:
            raise InvalidInput(WRONG, {"code": "is not right"})
        audit.record(by, action, by.name)
