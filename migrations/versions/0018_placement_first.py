"""Lay the rows of nodes out anew: what placement looks at comes first, and what it compares is worked out.

A decision reads all nodes. To reach a column Postgres walks over those before it, and over the texts and documents
among them slowly; so the few that placement needs go to the front, which only a new table can do.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
BURDEN = "agents_seen + promised_agents + CASE WHEN status = 'degraded' THEN 1000000 ELSE 0 END"
FREE_MEMORY = (
    "least(floor(memory_mb * (1 - coalesce(memory_usage, 0))) - promised_memory_mb, memory_mb - assigned_memory_mb)"
)
FREE_CPU = "least(cpu_count * (1 - coalesce(cpu_usage, 0)) - promised_cpu, cpu_count - assigned_cpu)"
FAILURE_DOMAIN = "coalesce(labels->>'region', '') || '/' || coalesce(labels->>'zone', '')"


def computed(name: str, kind: sa.types.TypeEngine[object], rule: str) -> sa.Column[object]:
    return sa.Column(name, kind, sa.Computed(rule, persisted=True), nullable=False)


def columns() -> list[sa.Column[object]]:
    return [
        # Of one size, and never null: found without a look at what stands before them.
        computed("burden", sa.Integer(), BURDEN),
        computed("free_memory_mb", sa.Float(), FREE_MEMORY),
        computed("free_cpu", sa.Float(), FREE_CPU),
        sa.Column("schedulable", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("managed", sa.Boolean(), server_default="false", nullable=False),
        # Of one size.
        sa.Column("last_heartbeat", INSTANT),
        sa.Column("assignments_seen", sa.BigInteger()),
        sa.Column("cpu_usage", sa.Float()),
        sa.Column("memory_usage", sa.Float()),
        computed("failure_domain", sa.Text(), FAILURE_DOMAIN),
        sa.Column("capabilities", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("labels", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        # The rest, which placement reads of a few nodes only.
        sa.Column("node_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(64), server_default="unknown", nullable=False),
        sa.Column("arch", sa.String(64), server_default="unknown", nullable=False),
        sa.Column("cpu_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("memory_mb", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.String(64), server_default="unknown", nullable=False),
        sa.Column("metadata", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("cordon", JSONB()),
        sa.Column("machine_id", sa.String(64)),
        sa.Column("boot_id", sa.String(64)),
        sa.Column("previous_boot_id", sa.String(64)),
        sa.Column("refused_boot_id", sa.String(64)),
        sa.Column("beat_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("previous_beat_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("registered_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.String(16), server_default="offline", nullable=False),
        sa.Column("status_reason", sa.String(32), server_default="never_seen", nullable=False),
        sa.Column("status_since", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("disk_usage", sa.Float()),
        sa.Column("load_average", ARRAY(sa.Float())),
        sa.Column("agent_reports", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("assignments_revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("brake_revision", sa.BigInteger()),
        sa.Column("watched_until", INSTANT),
        sa.Column("agents_seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("promised_agents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("promised_memory_mb", sa.Integer(), server_default="0", nullable=False),
        sa.Column("promised_cpu", sa.Float(), server_default="0", nullable=False),
        sa.Column("assigned_memory_mb", sa.Integer(), server_default="0", nullable=False),
        sa.Column("assigned_cpu", sa.Float(), server_default="0", nullable=False),
        sa.Column("strains", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    ]


def upgrade() -> None:
    op.rename_table("cluster_nodes", "cluster_nodes_before")
    op.execute("ALTER TABLE cluster_nodes_before RENAME CONSTRAINT pk_cluster_nodes TO pk_cluster_nodes_before")
    op.create_table(
        "cluster_nodes",
        *columns(),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", name=op.f("ck_cluster_nodes_port")),
        sa.CheckConstraint("status IN ('online', 'degraded', 'offline')", name=op.f("ck_cluster_nodes_status")),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_cluster_nodes")),
        postgresql_with={"fillfactor": 70},
    )
    names = ", ".join(column.name for column in columns() if column.computed is None)
    op.execute(f"INSERT INTO cluster_nodes ({names}) SELECT {names} FROM cluster_nodes_before ORDER BY node_id")  # noqa: S608 - all of it is written above
    op.drop_table("cluster_nodes_before")
    op.execute("ANALYZE cluster_nodes")


def downgrade() -> None:
    # The order of the columns concerns nobody.
    for name in ("burden", "free_memory_mb", "free_cpu"):
        op.drop_column("cluster_nodes", name)
