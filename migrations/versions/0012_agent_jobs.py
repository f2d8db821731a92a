"""Which agent a job is about, and since when a node is bound by an agent's lease."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("lease_revision", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("agent_id", sa.String(length=128), nullable=True))
    about_one = sa.text("agent_id IS NOT NULL")
    op.create_index("ix_jobs_agent_id", "jobs", ["agent_id", "created_at"], postgresql_where=about_one)


def downgrade() -> None:
    op.drop_index("ix_jobs_agent_id", table_name="jobs")
    op.drop_column("jobs", "agent_id")
    op.drop_column("agents", "lease_revision")
