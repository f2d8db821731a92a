"""Signing in: by name and password, with a code if the person wants that, or by a link that counts once."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from app.domain.errors import LinkNotValid, TotpRequired, WrongCredentials
from app.domain.identity import secret
from app.domain.identity.actor import Actor
from app.domain.identity.audit import Result
from app.extensions import db
from app.gateways import authenticator, password_hash
from app.models import SignInLink, User
from app.services import audit
from app.services.people import guesses, second_factor, sessions
from app.services.people.sessions import SignedIn, Visit
from app.services.transaction import transaction


@dataclass(frozen=True)
class Attempt:
    """What somebody typed."""

    name: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)


def sign_in(by: Actor, attempt: Attempt, visit: Visit) -> SignedIn:
    """Begin a session. Raises TooManyRequests, WrongCredentials, TotpRequired, or Unavailable.

    Whether a name is known shows neither in the answer nor in the time it takes.
    """
    guesses.spend(by.address, attempt.name)
    account = _account(attempt.name)
    if not password_hash.matches(account and account.password_hash, attempt.password):
        raise _refused(by, account)
    if account is None or account.disabled:
        raise _refused(by, account)
    claim = _second_factor(by, account, attempt.code)
    if password_hash.is_outdated(account.password_hash):
        claim["password_hash"] = password_hash.make(attempt.password)
    with transaction():
        user = db.session.scalar(_unchanged(account, claim).returning(User))
        if user is not None:
            return sessions.begin(by, user, visit, "password")
    raise _refused(by, account)  # it was changed, or the code used, while we looked


def sign_in_by_link(by: Actor, presented: str, visit: Visit) -> SignedIn:
    """Begin a session with a link, which then does not count any more. Raises TooManyRequests or LinkNotValid."""
    guesses.spend(by.address)
    valid = (SignInLink.fingerprint == secret.fingerprint(presented), SignInLink.expires_at > func.now())
    with transaction():
        user_id = db.session.scalar(delete(SignInLink).where(*valid).returning(SignInLink.user_id))
        user = db.session.get(User, user_id, with_for_update=True) if user_id else None
        if user is not None and not user.disabled:
            return sessions.begin(by, user, visit, "link")
        audit.record(by, "session.begin", "", Result.FAILED, {"by": "link"})
    raise LinkNotValid


def _account(name: str) -> Any:
    columns = (User.id, User.name, User.password_hash, User.disabled, User.totp_secret, User.totp_confirmed)
    # Compared as hashes: the name may be a password in the wrong field, and Postgres may log its statements.
    hashed = func.sha256(func.convert_to(func.lower(User.name), "UTF8"))
    with transaction():
        found = select(*columns, func.now().label("now")).where(hashed == secret.fingerprint(name.lower()))
        return db.session.execute(found).one_or_none()


def _second_factor(by: Actor, account: Any, code: str) -> dict[str, Any]:
    """What is written when the session begins: the step of the code, so that the code counts once."""
    if not account.totp_confirmed:
        return {}
    if not code:
        raise TotpRequired
    now: datetime = account.now
    step = authenticator.step_of(second_factor.opened(account.id, account.totp_secret), code, now)
    if step is None:
        raise _refused(by, account)
    return {"totp_step": step}


def _unchanged(account: Any, claim: dict[str, Any]) -> Any:
    """The claim: it succeeds if the account still is as it was when the password was compared."""
    same = [User.id == account.id, ~User.disabled, User.password_hash == account.password_hash]
    same.append(User.totp_confirmed == account.totp_confirmed)
    if "totp_step" in claim:
        same += [User.totp_secret == account.totp_secret, User.totp_step < claim["totp_step"]]
    return update(User).where(*same).values(last_seen_at=func.now(), **claim)


def _refused(by: Actor, account: Any) -> WrongCredentials:
    """Writes the failure down. A name that is not known may be a password in the wrong field, so it is not kept."""
    with transaction():
        target = account.name if account else "an unknown name"
        audit.record(by, "session.begin", target, Result.FAILED, {"by": "password"})
    return WrongCredentials()
