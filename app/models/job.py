"""Remote work that somebody asked for, and the commands by which it reaches a daemon."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.node import EMPTY_OBJECT, Instant


class Job(db.Model):
    """The row is the job; its Celery message only rings the bell."""

    __tablename__ = "jobs"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), server_default="queued")
    node_id: Mapped[str | None] = mapped_column(String(64))
    # What to do it to, for example {"host": …, "port": …}. Never a secret.
    target: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)
    code: Mapped[str | None] = mapped_column(String(64))
    message: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    # When a job that has not ended is ended by the sweep, so that every job ends.
    deadline: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed')", name="state"),
        Index("ix_jobs_open_deadline", "deadline", postgresql_where=text("state IN ('queued', 'running')")),
    )


class NodeCommand(db.Model):
    """What a job asks a daemon to do. It travels in the answers to heartbeats until its result is in."""

    __tablename__ = "node_commands"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    job_id: Mapped[UUID | None] = mapped_column(Uuid)
    node_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    agent_id: Mapped[str | None] = mapped_column(String(128))
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    ok: Mapped[bool | None]
    message: Mapped[str | None] = mapped_column(Text)
    agents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))

    # Every heartbeat asks whether its node has an open command.
    __table_args__ = (Index("ix_node_commands_open", "node_id", postgresql_where=text("finished_at IS NULL")),)
