"""People: who they are, how they are signed in, and the tokens of their scripts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.node import Instant

ROLES = "role IN ('viewer', 'operator', 'admin')"


class User(db.Model):
    """A person with a role. Without a password a person signs in by a link only."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(Text)
    # Encrypted with the deployment's SECRET_KEY; pending until a first code was right.
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed: Mapped[bool] = mapped_column(server_default="false")
    # The 30 s step of the last accepted code: a code is good once.
    totp_step: Mapped[int] = mapped_column(server_default="0")
    disabled: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    last_seen_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(ROLES, name="role"),
        Index("uq_users_name", text("lower(name)"), unique=True),
    )


class Session(db.Model):
    """One signed-in browser. The cookie holds the secret, this row its SHA-256."""

    __tablename__ = "sessions"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(64), server_default="")
    browser: Mapped[str] = mapped_column(String(200), server_default="")
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(Instant)


class SignInLink(db.Model):
    """A link that signs one person in, once."""

    __tablename__ = "sign_in_links"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(Instant)


class SignInGuess(db.Model):
    """When somebody last tried to sign in as one account, or from one address."""

    __tablename__ = "sign_in_guesses"

    # A SHA-256: people type passwords where the name belongs.
    subject: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    # Oldest first; no more than may be tried within the window.
    times: Mapped[list[datetime]] = mapped_column(ARRAY(Instant))


class ApiToken(db.Model):
    """What a script presents instead of a session. It never may more than the person who made it."""

    __tablename__ = "api_tokens"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint(ROLES, name="role"),)
