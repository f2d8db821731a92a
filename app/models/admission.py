"""How machines become nodes: join tokens, the credentials they are exchanged for, refusals and the waiting room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.node import Instant


class JoinToken(db.Model):
    """Lets machines become nodes, as often as it has uses left."""

    __tablename__ = "join_tokens"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    note: Mapped[str] = mapped_column(String(200), server_default="")
    # Node ids it is good for: a shell-style pattern such as `gpu-*`.
    name_pattern: Mapped[str] = mapped_column(String(64), server_default="*")
    # Whether it may take the place of a node that has a credential; the pattern is then that node's id.
    replace: Mapped[bool] = mapped_column(server_default="false")
    # What its nodes may claim to be capable of; null: anything.
    capabilities: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    uses: Mapped[int]
    uses_left: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    # The order that a setup script with this token carries out, and the id of the job that it begins.
    setup: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    __table_args__ = (CheckConstraint("uses_left BETWEEN 0 AND uses", name="uses_left"),)


class NodeCredential(db.Model):
    """Lets one node speak for itself. It outlives the node, so that a removed one is told so and cannot return."""

    __tablename__ = "node_credentials"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    # Of a secret that the daemon made itself and never sent.
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    node_id: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    join_token_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("join_tokens.id", ondelete="SET NULL"), index=True
    )
    # What its node may claim to be capable of; null: anything.
    capabilities: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    # Null: never, for agents that cannot change what they send.
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_because: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (
        CheckConstraint("kind IN ('joined', 'url', 'admitted')", name="kind"),
        CheckConstraint("revoked_because IN ('revoked', 'removed', 'replaced')", name="revoked_because"),
    )


class Refusal(db.Model):
    """A machine that was turned away; the same machine for the same cause is one row."""

    __tablename__ = "refusals"

    # Short, and the same on the daemon's terminal: `K7Q2-M9`.
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    cause: Mapped[str] = mapped_column(String(32))
    node_id: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    first_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    last_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    count: Mapped[int] = mapped_column(server_default="1")

    __table_args__ = (UniqueConstraint("node_id", "address", "cause"),)


class Knock(db.Model):
    """A machine in the waiting room: it asked to be let in without a valid join token."""

    __tablename__ = "knocks"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    node_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(128), server_default="")
    platform: Mapped[str] = mapped_column(String(64), server_default="")
    address: Mapped[str] = mapped_column(String(64))
    capabilities: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    code: Mapped[str] = mapped_column(String(16))
    first_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    last_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    admitted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("ix_knocks_waiting", "last_at", postgresql_where=text("admitted_at IS NULL")),)
