"""What a join token was made for, and what the script on a machine says."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("join_tokens", sa.Column("setup", JSONB(), nullable=True))
    op.create_table(
        "setup_receipts",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("begin", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_setup_receipts_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "begin", name=op.f("pk_setup_receipts")),
    )


def downgrade() -> None:
    op.drop_table("setup_receipts")
    op.drop_column("join_tokens", "setup")
