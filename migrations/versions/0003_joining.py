"""Join tokens that replace a node, and the heartbeat number of the daemon's start before this one."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("join_tokens", sa.Column("replace", sa.Boolean(), server_default="false", nullable=False))
    op.add_column(
        "cluster_nodes", sa.Column("previous_beat_number", sa.BigInteger(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("cluster_nodes", "previous_beat_number")
    op.drop_column("join_tokens", "replace")
