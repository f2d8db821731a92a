"""Agents as rows: what should run where."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
EMPTY_LIST, EMPTY_OBJECT = "{}", sa.text("'{}'::jsonb")


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("agent_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), server_default="", nullable=False),
        sa.Column("role", sa.String(length=128), nullable=True),
        sa.Column("origin", sa.String(length=16), server_default="registered", nullable=False),
        sa.Column("command", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("env", sa.LargeBinary(), nullable=True),
        sa.Column("env_names", postgresql.ARRAY(sa.Text()), server_default=EMPTY_LIST, nullable=False),
        sa.Column("capabilities", postgresql.ARRAY(sa.Text()), server_default=EMPTY_LIST, nullable=False),
        sa.Column("memory_mb", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cpu_weight", sa.Float(), server_default="0", nullable=False),
        sa.Column("labels", postgresql.JSONB(), server_default=EMPTY_OBJECT, nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=EMPTY_LIST, nullable=False),
        sa.Column("on_node_loss", sa.String(length=8), server_default="stay", nullable=False),
        sa.Column("lease_seconds", sa.Integer(), server_default="60", nullable=False),
        sa.Column("may_overlap", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("memory_warn_mb", sa.Integer(), nullable=True),
        sa.Column("memory_limit_mb", sa.Integer(), nullable=True),
        sa.Column("wanted", sa.String(length=8), server_default="running", nullable=False),
        sa.Column("node_id", sa.String(length=64), nullable=True),
        sa.Column("moving_to", sa.String(length=64), nullable=True),
        sa.Column("epoch", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("created_by", sa.String(length=128), server_default="", nullable=False),
        sa.CheckConstraint("origin IN ('registered', 'adopted')", name=op.f("ck_agents_origin")),
        sa.CheckConstraint("on_node_loss IN ('stay', 'stop', 'move')", name=op.f("ck_agents_on_node_loss")),
        sa.CheckConstraint("wanted IN ('running', 'stopped')", name=op.f("ck_agents_wanted")),
        sa.CheckConstraint("lease_seconds BETWEEN 30 AND 600", name=op.f("ck_agents_lease_seconds")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agents")),
    )
    op.create_index(op.f("ix_agents_node_id"), "agents", ["node_id"])
    op.create_index("ix_agents_moving_to", "agents", ["moving_to"], postgresql_where=sa.text("moving_to IS NOT NULL"))
    unsettled = sa.text("settled_at IS NULL AND wanted = 'running'")
    op.create_index("ix_agents_unsettled", "agents", ["node_id"], postgresql_where=unsettled)
    op.create_table(
        "agent_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("agent_id", sa.String(length=128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("node_id", sa.String(length=64), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_events")),
    )
    op.create_index(op.f("ix_agent_events_agent_id_id"), "agent_events", ["agent_id", "id"])
    op.add_column(
        "cluster_nodes", sa.Column("assignments_revision", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("cluster_nodes", sa.Column("assignments_seen", sa.BigInteger(), nullable=True))
    op.add_column("cluster_nodes", sa.Column("watched_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("cluster_nodes", "watched_until")
    op.drop_column("cluster_nodes", "assignments_seen")
    op.drop_column("cluster_nodes", "assignments_revision")
    op.drop_table("agent_events")
    op.drop_table("agents")
