"""Whether this control plane can do its work: database, schema, Redis, and a stale check that really runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.domain.nodes.node import iso
from app.extensions import db, settings
from app.gateways import redis_client, schema
from app.services.transaction import transaction

_TICK = text("SELECT now() AS now, last_tick FROM control_plane")


@dataclass(frozen=True)
class Check:
    """One part, and what is missing if it is not well."""

    name: str
    ok: bool
    missing: str = ""
    detail: str | None = None


def check() -> list[Check]:
    """Look at every part now. Never raises: what does not answer is what is missing."""
    return [*_database(), _redis()]


def tick_patience() -> timedelta:
    """How long after the last stale check one is missing."""
    return 3 * settings().stale_check_interval + timedelta(seconds=5)


def _database() -> list[Check]:
    try:
        with transaction():
            stored = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
            wanted = schema.newest()
            # A newer one is well: a release migrates first and replaces the processes then.
            if stored is None or stored < wanted:
                return [
                    Check("database", True),
                    Check("schema", False, f"The schema is {stored}, not {wanted}: {_FIX}"),
                ]
            row = db.session.execute(_TICK).one()
    except SQLAlchemyError as failure:
        if "alembic_version" in str(failure):
            return [Check("database", True), Check("schema", False, f"The database has no schema yet: {_FIX}")]
        return [Check("database", False, "The database does not answer (DATABASE_URL)")]
    return [Check("database", True), Check("schema", True, detail=stored), _celery(row.last_tick, row.now)]


def _celery(last_tick: datetime | None, now: datetime) -> Check:
    if last_tick is None or now - last_tick > tick_patience():
        return Check("celery", False, "No stale check ran lately: are beat and a Celery worker running?")
    return Check("celery", True, detail=iso(last_tick))


def _redis() -> Check:
    if redis_client.answers():
        return Check("redis", True)
    return Check("redis", False, "Redis does not answer (REDIS_URL): live views are delayed")


_FIX = "run `flask --app wsgi db upgrade`"
