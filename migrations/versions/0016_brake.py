"""The fleet brake, and what told each node of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("control_plane", sa.Column("brake", postgresql.JSONB(), nullable=True))
    op.add_column("cluster_nodes", sa.Column("brake_revision", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("cluster_nodes", "brake_revision")
    op.drop_column("control_plane", "brake")
