"""Links that sign one person in, once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func

from app.domain.identity import secret
from app.domain.identity.secret import SecretKind
from app.extensions import db
from app.models import SignInLink

AT_THE_TERMINAL = timedelta(minutes=15)
SENT_TO_SOMEBODY = timedelta(hours=24)


@dataclass(frozen=True)
class Link:
    """The path of a sign-in page. What follows # is the secret: browsers do not send it, so no server logs it."""

    path: str = field(repr=False)
    expires_at: datetime


def issue(user_id: UUID, life: timedelta) -> Link:
    """Within the caller's transaction: a new link for a user; a former one does not count any more."""
    made = secret.make(SecretKind.SIGN_IN_LINK)
    db.session.execute(delete(SignInLink).where(SignInLink.user_id == user_id))
    row = SignInLink(fingerprint=secret.fingerprint(made), user_id=user_id, expires_at=func.now() + life)
    db.session.add(row)
    db.session.flush()
    return Link(f"/sign-in#{made}", row.expires_at)
