"""Agents: what should run where, what they say about themselves, and what happened to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, LargeBinary, String, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.node import EMPTY_OBJECT, Instant

UNSETTLED = text("settled_at IS NULL AND wanted = 'running'")


class AgentRow(db.Model):
    """An agent that somebody registered or adopted: what should be. What is seen stands with the node that reports it.

    Its node's assignments_revision goes up in the transaction of every change that the node has to carry out.
    """

    __tablename__ = "agents"

    agent_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), server_default="")
    role: Mapped[str | None] = mapped_column(String(128))
    origin: Mapped[str] = mapped_column(String(16), server_default="registered")
    # Null: AGENT_COMMAND, or for an adopted agent the command that its node has.
    command: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    # JSON of {name: value}, sealed: it may hold secrets. Read by its node only.
    env: Mapped[bytes | None] = mapped_column(LargeBinary)
    env_names: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")

    capabilities: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    memory_mb: Mapped[int] = mapped_column(server_default="0")
    cpu_weight: Mapped[float] = mapped_column(server_default="0")  # 1 is one core
    labels: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)  # that its node must have
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    on_node_loss: Mapped[str] = mapped_column(String(8), server_default="stay")
    lease_seconds: Mapped[int] = mapped_column(server_default="60")
    may_overlap: Mapped[bool] = mapped_column(server_default="false")
    memory_warn_mb: Mapped[int | None]
    memory_limit_mb: Mapped[int | None]

    wanted: Mapped[str] = mapped_column(String(8), server_default="running")
    node_id: Mapped[str | None] = mapped_column(String(64), index=True)  # null: placed nowhere
    # While it moves: where to. It counts there already; the node that it leaves is told to stop it.
    moving_to: Mapped[str | None] = mapped_column(String(64))
    failure_domain: Mapped[str] = mapped_column(Text, server_default="")  # of its node: agents of a role are spread
    epoch: Mapped[int] = mapped_column(BigInteger, server_default="0")  # goes up with every change of its node
    # The assignments_revision of its node that told of the last change; once seen there, it was carried out.
    revision: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # The same for its lease: a daemon that has not heard of it is not bound by it. 0: it heard of it with the agent.
    lease_revision: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # When its node reported it in its present epoch. Null: promised, and not in what the node reports of its use.
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    placed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    created_by: Mapped[str] = mapped_column(String(128), server_default="")

    __table_args__ = (
        CheckConstraint("origin IN ('registered', 'adopted')", name="origin"),
        CheckConstraint("on_node_loss IN ('stay', 'stop', 'move')", name="on_node_loss"),
        CheckConstraint("wanted IN ('running', 'stopped')", name="wanted"),
        CheckConstraint("lease_seconds BETWEEN 30 AND 600", name="lease_seconds"),
        Index("ix_agents_moving_to", "moving_to", postgresql_where=text("moving_to IS NOT NULL")),
        Index("ix_agents_spread", "role", "failure_domain", postgresql_where=text("node_id IS NOT NULL")),
        # Looked through with every report of a node that somebody waits for.
        Index("ix_agents_unsettled", "node_id", postgresql_where=UNSETTLED),
    )


class AgentEvent(db.Model):
    """One line of an agent's history. It outlives the agent, so that its end can be read too."""

    __tablename__ = "agent_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(128))
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    kind: Mapped[str] = mapped_column(String(32))
    node_id: Mapped[str | None] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (Index(None, "agent_id", "id"),)


class ClosedQuestion(db.Model):
    """A question of an agent that somebody answered or dismissed; open ones are in the reports of nodes."""

    __tablename__ = "closed_questions"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(128))
    closed_by: Mapped[str] = mapped_column(String(128))
    closed_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    command_id: Mapped[UUID | None] = mapped_column(Uuid)  # that brings the answer; null: dismissed


class AgentActivity(db.Model):
    """The last status message of one agent, wherever it runs."""

    __tablename__ = "agent_activity"

    agent_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    active_sessions: Mapped[int] = mapped_column(server_default="0")
    clocked_in: Mapped[bool] = mapped_column(server_default="false")
    current_activity: Mapped[str | None] = mapped_column(Text)
    reported_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = ({"postgresql_with": {"fillfactor": 70}},)
