"""Jobs with steps, a log, a lease and a way to cancel them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


STATE = "ck_jobs_state"


def upgrade() -> None:
    op.drop_constraint(op.f(STATE), "jobs")
    states = "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')"
    op.create_check_constraint(op.f(STATE), "jobs", states)
    op.create_table(
        "job_log",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_log_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_job_log")),
    )
    op.create_table(
        "job_steps",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="waiting", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'succeeded', 'failed', 'skipped')", name=op.f("ck_job_steps_state")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_steps_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_job_steps")),
    )
    op.add_column("jobs", sa.Column("advice", sa.Text(), server_default="", nullable=False))
    op.add_column("jobs", sa.Column("asked_by", sa.String(length=128), server_default="", nullable=False))
    op.add_column("jobs", sa.Column("parent_id", sa.Uuid(), nullable=True))
    op.add_column(
        "jobs", sa.Column("rung_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column("jobs", sa.Column("attempt", sa.Integer(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("remote_offset", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("log_lines", sa.Integer(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("log_size", sa.Integer(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("log_dropped", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_jobs_created_at"), "jobs", ["created_at"], unique=False)
    op.create_index(op.f("ix_jobs_node_id_created_at"), "jobs", ["node_id", "created_at"], unique=False)
    op.create_index(op.f("ix_jobs_parent_id"), "jobs", ["parent_id"], unique=False)


def downgrade() -> None:
    op.execute("UPDATE jobs SET state = 'failed' WHERE state = 'cancelled'")
    op.drop_constraint(op.f(STATE), "jobs")
    op.create_check_constraint(op.f(STATE), "jobs", "state IN ('queued', 'running', 'succeeded', 'failed')")
    op.drop_index(op.f("ix_jobs_parent_id"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_node_id_created_at"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_created_at"), table_name="jobs")
    op.drop_column("jobs", "log_dropped")
    op.drop_column("jobs", "log_size")
    op.drop_column("jobs", "log_lines")
    op.drop_column("jobs", "remote_offset")
    op.drop_column("jobs", "cancel_asked_at")
    op.drop_column("jobs", "lease_until")
    op.drop_column("jobs", "attempt")
    op.drop_column("jobs", "rung_at")
    op.drop_column("jobs", "parent_id")
    op.drop_column("jobs", "asked_by")
    op.drop_column("jobs", "advice")
    op.drop_table("job_steps")
    op.drop_table("job_log")
