"""Remote work that somebody asked for, and the commands by which it reaches a daemon."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, Uuid, func, text
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
    agent_id: Mapped[str | None] = mapped_column(String(128))
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
    advice: Mapped[str] = mapped_column(Text, server_default="")
    asked_by: Mapped[str] = mapped_column(String(128), server_default="")
    # The job that stands for many hosts at once, on each of its parts.
    parent_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    # When its message was last sent: a queued job that nobody took is rung for again. Null: a part waits for its turn.
    rung_at: Mapped[datetime | None] = mapped_column(Instant, server_default=func.now())
    # How often a runner claimed it. Also the fencing number: a write of an older attempt changes nothing.
    attempt: Mapped[int] = mapped_column(server_default="0")
    # Until when its runner is believed to live; null: no runner is needed for it to end.
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    # How far the remote log was read, in bytes: where the next attempt goes on.
    remote_offset: Mapped[int] = mapped_column(BigInteger, server_default="0")
    log_lines: Mapped[int] = mapped_column(server_default="0")
    log_size: Mapped[int] = mapped_column(server_default="0")
    log_dropped: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="state"),
        Index(None, "node_id", "created_at"),
        Index(None, "created_at"),
        Index("ix_jobs_agent_id", "agent_id", "created_at", postgresql_where=text("agent_id IS NOT NULL")),
        Index("ix_jobs_open_deadline", "deadline", postgresql_where=text("state IN ('queued', 'running')")),
    )


class JobStep(db.Model):
    """One step of a job's plan and how far it is."""

    __tablename__ = "job_steps"

    job_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), server_default="waiting")
    message: Mapped[str] = mapped_column(Text, server_default="")
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'succeeded', 'failed', 'skipped')", name="state"),
    )


class JobLogLine(db.Model):
    """One line of a job's log. Numbers begin at 1 and have no gap, so that a reader knows what is next."""

    __tablename__ = "job_log"

    job_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    step: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)


class SetupReceipt(db.Model):
    """A piece of what a setup script says, until the job's runner has read it."""

    __tablename__ = "setup_receipts"

    job_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    begin: Mapped[int] = mapped_column(BigInteger, primary_key=True)  # in bytes, of all that it says
    content: Mapped[bytes]


class HostKey(db.Model):
    """The host key of an SSH server that a person confirmed: the only one that is believed."""

    __tablename__ = "host_keys"

    host: Mapped[str] = mapped_column(String(253), primary_key=True)
    port: Mapped[int] = mapped_column(primary_key=True)
    # The jump host before it as `host:port`, "" if there is none.
    via: Mapped[str] = mapped_column(String(260), primary_key=True, server_default="")
    fingerprint: Mapped[str] = mapped_column(String(64))
    confirmed_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())


class NodeCommand(db.Model):
    """What a job asks a daemon to do. It travels in the answers to heartbeats until its result is in."""

    __tablename__ = "node_commands"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    job_id: Mapped[UUID | None] = mapped_column(Uuid)
    node_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    agent_id: Mapped[str | None] = mapped_column(String(128))
    # What it is told besides. Never a secret.
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    ok: Mapped[bool | None]
    message: Mapped[str | None] = mapped_column(Text)
    agents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))

    # Every heartbeat asks whether its node has an open command.
    __table_args__ = (Index("ix_node_commands_open", "node_id", postgresql_where=text("finished_at IS NULL")),)
