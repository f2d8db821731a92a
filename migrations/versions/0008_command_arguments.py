"""What a command is told besides its kind."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("arguments", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)
    op.add_column("node_commands", column)


def downgrade() -> None:
    op.drop_column("node_commands", "arguments")
