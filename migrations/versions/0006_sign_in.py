"""How often somebody tried to sign in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_guesses",
        sa.Column("subject", sa.LargeBinary(length=32), nullable=False),
        sa.Column("times", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_guesses")),
    )


def downgrade() -> None:
    op.drop_table("sign_in_guesses")
