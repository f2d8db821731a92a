"""A part of a job waits for its turn; a machine behind a jump host has a host key of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("jobs", "rung_at", nullable=True)
    op.add_column("host_keys", sa.Column("via", sa.String(length=260), server_default="", nullable=False))
    op.execute("DELETE FROM host_keys WHERE host <> lower(host)")  # they are asked for in lower case from now on
    op.drop_constraint("pk_host_keys", "host_keys")
    op.create_primary_key("pk_host_keys", "host_keys", ["host", "port", "via"])


def downgrade() -> None:
    op.execute("DELETE FROM host_keys WHERE via <> ''")
    op.drop_constraint("pk_host_keys", "host_keys")
    op.create_primary_key("pk_host_keys", "host_keys", ["host", "port"])
    op.drop_column("host_keys", "via")
    op.execute("UPDATE jobs SET rung_at = now() WHERE rung_at IS NULL")
    op.alter_column("jobs", "rung_at", nullable=False)
