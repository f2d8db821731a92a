"""Run migrations on the app's database; nobody else may migrate meanwhile."""

from alembic import context
from flask import current_app
from sqlalchemy import text

db = current_app.extensions["migrate"].db
MIGRATION_LOCK = 0x6D6D6967


def run() -> None:
    """Upgrade or downgrade in one transaction, with limits, so that a lock never stops the fleet for long."""
    with db.engine.connect() as connection:
        # A rolling release may start several at once: the second waits for the first and finds nothing to do.
        connection.execute(text("SET statement_timeout = '5min'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=db.metadata, compare_server_default=True)
        with context.begin_transaction():
            context.run_migrations()


run()
