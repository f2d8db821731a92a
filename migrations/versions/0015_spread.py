"""Count the agents of a role by failure domain from the index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_agents_role_failure_domain"), table_name="agents")
    placed = sa.text("node_id IS NOT NULL")
    op.create_index("ix_agents_spread", "agents", ["role", "failure_domain"], postgresql_where=placed)


def downgrade() -> None:
    op.drop_index("ix_agents_spread", table_name="agents")
    op.create_index(op.f("ix_agents_role_failure_domain"), "agents", ["role", "failure_domain"])
