"""Worker nodes, and every change of their status."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    Float,
    Identity,
    Index,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db

Instant = DateTime(timezone=True)
EMPTY_OBJECT = text("'{}'::jsonb")
FAILURE_DOMAIN = "coalesce(labels->>'region', '') || '/' || coalesce(labels->>'zone', '')"
# What domain/placement compares, in the same arithmetic.
BURDEN = "agents_seen + promised_agents + CASE WHEN status = 'degraded' THEN 1000000 ELSE 0 END"
FREE_MEMORY = (
    "least(floor(memory_mb * (1 - coalesce(memory_usage, 0))) - promised_memory_mb, memory_mb - assigned_memory_mb)"
)
FREE_CPU = "least(cpu_count * (1 - coalesce(cpu_usage, 0)) - promised_cpu, cpu_count - assigned_cpu)"


class NodeRow(db.Model):
    """A machine of the fleet.

    No index covers a column that each heartbeat changes, and pages keep room: so a heartbeat's
    update stays within its page (HOT) and touches no index. In the table itself the columns that a placement reads
    of every node come first (migration 0018).
    """

    __tablename__ = "cluster_nodes"

    node_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    platform: Mapped[str] = mapped_column(String(64), server_default="unknown")
    arch: Mapped[str] = mapped_column(String(64), server_default="unknown")
    cpu_count: Mapped[int] = mapped_column(server_default="0")
    memory_mb: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[str] = mapped_column(String(64), server_default="unknown")
    capabilities: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    labels: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)
    # `metadata` itself is taken by SQLAlchemy.
    extra: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB, server_default=EMPTY_OBJECT)
    schedulable: Mapped[bool] = mapped_column(server_default="true")
    # Why it takes no new agents, as it is shown: {note, until, by, since}, times as texts. Null: it takes them.
    cordon: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    managed: Mapped[bool] = mapped_column(server_default="false")
    # Made once by a daemon and kept on its machine: tells two machines under one node id apart.
    machine_id: Mapped[str | None] = mapped_column(String(64))
    # Made at each start of a daemon: the one that speaks for the node, the one before it, and one that was refused.
    boot_id: Mapped[str | None] = mapped_column(String(64))
    previous_boot_id: Mapped[str | None] = mapped_column(String(64))
    refused_boot_id: Mapped[str | None] = mapped_column(String(64))
    # The number of its last heartbeat since that start: an older one that comes late changes nothing.
    beat_number: Mapped[int] = mapped_column(BigInteger, server_default="0")
    previous_beat_number: Mapped[int] = mapped_column(BigInteger, server_default="0")
    registered_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    # The status as it was last announced. What readers see is judged from last_heartbeat at the time of reading.
    status: Mapped[str] = mapped_column(String(16), server_default="offline")
    status_reason: Mapped[str] = mapped_column(String(32), server_default="never_seen")
    status_since: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    last_heartbeat: Mapped[datetime | None] = mapped_column(Instant)
    cpu_usage: Mapped[float | None] = mapped_column(Float)
    memory_usage: Mapped[float | None] = mapped_column(Float)
    disk_usage: Mapped[float | None] = mapped_column(Float)
    load_average: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    # {agent id: details}; "at" (epoch seconds) on those that reported themselves.
    agent_reports: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)
    # What the node should run, by number: goes up with every change of it. The daemon fetches it when its own differs.
    assignments_revision: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # The one that the daemon carries out, as it last said; null: it never did, so it cannot be given agents.
    assignments_seen: Mapped[int | None] = mapped_column(BigInteger)
    # The revision that told of the fleet brake; null: it does not concern the node, or is off.
    brake_revision: Mapped[int | None] = mapped_column(BigInteger)
    # Until when somebody waits for what this node's next heartbeats say of its agents; null: nobody.
    watched_until: Mapped[datetime | None] = mapped_column(Instant)
    # What placement goes by, kept beside the rest so that it reads one table. Agents that the last heartbeats told of;
    agents_seen: Mapped[int] = mapped_column(server_default="0")
    # agents placed here that no heartbeat told of yet, and what they need;
    promised_agents: Mapped[int] = mapped_column(server_default="0")
    promised_memory_mb: Mapped[int] = mapped_column(server_default="0")
    promised_cpu: Mapped[float] = mapped_column(server_default="0")
    # what all agents that should run here need, whatever they use.
    assigned_memory_mb: Mapped[int] = mapped_column(server_default="0")
    assigned_cpu: Mapped[float] = mapped_column(server_default="0")
    failure_domain: Mapped[str] = mapped_column(Text, Computed(FAILURE_DOMAIN, persisted=True))
    # Agents that are here or will be; a degraded node comes after all that are not.
    burden: Mapped[int] = mapped_column(Computed(BURDEN, persisted=True))
    # Neither in use nor promised, and never what others may still take of their own share; below zero: too much is.
    free_memory_mb: Mapped[float] = mapped_column(Computed(FREE_MEMORY, persisted=True))
    free_cpu: Mapped[float] = mapped_column(Computed(FREE_CPU, persisted=True))
    # {issue key: strain}: the memory between heartbeats of issues that are open or may open.
    strains: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)

    __table_args__ = (
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
        CheckConstraint("status IN ('online', 'degraded', 'offline')", name="status"),
        {"postgresql_with": {"fillfactor": 70}},
    )


class NodeTransition(db.Model):
    """One line of a node's timeline. It outlives the node, so that a removal can be read too."""

    __tablename__ = "node_transitions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    node_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    from_status: Mapped[str] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32))
    message: Mapped[str] = mapped_column(Text, server_default="")
    # The agents that were on the node: who was hit when it went offline.
    agents: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")

    __table_args__ = (Index(None, "node_id", "id"),)
