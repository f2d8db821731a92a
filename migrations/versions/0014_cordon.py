"""Why a node takes no new agents, and until when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cluster_nodes", sa.Column("cordon", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("cluster_nodes", "cordon")
