"""What placement goes by: what each node has promised, and its failure domain."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COUNTS = ("agents_seen", "promised_agents", "promised_memory_mb", "assigned_memory_mb")
CORES = ("promised_cpu", "assigned_cpu")
DOMAIN = "coalesce(labels->>'region', '') || '/' || coalesce(labels->>'zone', '')"


def upgrade() -> None:
    for name in COUNTS:
        op.add_column("cluster_nodes", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name in CORES:
        op.add_column("cluster_nodes", sa.Column(name, sa.Float(), server_default="0", nullable=False))
    domain = sa.Column("failure_domain", sa.Text(), sa.Computed(DOMAIN, persisted=True), nullable=False)
    op.add_column("cluster_nodes", domain)
    op.execute(
        "UPDATE cluster_nodes SET agents_seen = ("
        "SELECT count(*) FROM jsonb_each(agent_reports) WHERE NOT value ? 'absent')"
    )
    op.add_column("agents", sa.Column("failure_domain", sa.Text(), server_default="", nullable=False))
    op.create_index(op.f("ix_agents_role_failure_domain"), "agents", ["role", "failure_domain"])


def downgrade() -> None:
    op.drop_index(op.f("ix_agents_role_failure_domain"), table_name="agents")
    op.drop_column("agents", "failure_domain")
    for name in (*COUNTS, *CORES, "failure_domain"):
        op.drop_column("cluster_nodes", name)
