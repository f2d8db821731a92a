"""History of usage, and what the control plane's own processes do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "celery_workers",
        sa.Column("worker_id", sa.String(length=128), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_task_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_celery_workers")),
    )
    op.create_table(
        "metric_blocks",
        sa.Column("node_id", sa.String(length=64), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cpu", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("memory", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("disk", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("load", postgresql.ARRAY(sa.REAL()), nullable=False),
        sa.Column("nodes", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.CheckConstraint("step IN (60, 900)", name=op.f("ck_metric_blocks_step")),
        sa.PrimaryKeyConstraint("node_id", "step", "start", name=op.f("pk_metric_blocks")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(op.f("ix_metric_blocks_step_start"), "metric_blocks", ["step", "start"], unique=False)
    op.add_column("web_processes", sa.Column("stream_clients", sa.Integer(), server_default="0", nullable=False))
    op.add_column("web_processes", sa.Column("heartbeats", sa.Integer(), server_default="0", nullable=False))
    op.add_column("web_processes", sa.Column("batches", sa.Integer(), server_default="0", nullable=False))
    op.add_column("web_processes", sa.Column("waited_seconds", sa.Float(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("web_processes", "waited_seconds")
    op.drop_column("web_processes", "batches")
    op.drop_column("web_processes", "heartbeats")
    op.drop_column("web_processes", "stream_clients")
    op.drop_index(op.f("ix_metric_blocks_step_start"), table_name="metric_blocks")
    op.drop_table("metric_blocks")
    op.drop_table("celery_workers")
