"""What the control plane knows about itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.node import Instant


class ControlPlane(db.Model):
    """One row, shared by all processes."""

    __tablename__ = "control_plane"

    id: Mapped[int] = mapped_column(primary_key=True, server_default="1")
    # Since when heartbeats could be accepted without a gap: silence from before says nothing about a node.
    listening_since: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    # Last time the stale check ran: proof that beat, broker and a Celery worker are all alive.
    last_tick: Mapped[datetime | None] = mapped_column(Instant)
    # Set when most of the fleet went silent within a minute; null again once that is over.
    mass_outage_since: Mapped[datetime | None] = mapped_column(Instant)
    mass_outage_nodes: Mapped[int] = mapped_column(server_default="0")
    # Until when machines without a valid join token may wait to be let in; null: the waiting room is closed.
    waiting_room_until: Mapped[datetime | None] = mapped_column(Instant)

    # {tag, note, by, at} while agents are paused (tag null: all of them); null: none.
    brake: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class WebProcess(db.Model):
    """A web process that can accept heartbeats, and when it last proved it."""

    __tablename__ = "web_processes"

    process_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    accepting_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    # What it did over the last minute, as of accepting_at.
    stream_clients: Mapped[int] = mapped_column(server_default="0")
    heartbeats: Mapped[int] = mapped_column(server_default="0")
    batches: Mapped[int] = mapped_column(server_default="0")
    waited_seconds: Mapped[float] = mapped_column(Float, server_default="0")  # all heartbeats together


class CeleryWorker(db.Model):
    """A Celery worker, and when it last said that it is there."""

    __tablename__ = "celery_workers"

    worker_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    last_task_at: Mapped[datetime | None] = mapped_column(Instant)
