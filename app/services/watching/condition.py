"""How the control plane itself is: what each part answers, and the figures that its processes tell."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db, settings
from app.gateways import redis_client, schema
from app.services import readiness
from app.services.transaction import transaction
from app.services.watching.presence import STAMP_SECONDS
from app.services.watching.vitals import WINDOW, Tally

_VERSION = text("SHOW server_version")
_PLANE = text("SELECT now() AS now, last_tick FROM control_plane")
_PROCESSES = text(
    "SELECT *, accepting_at >= now() - make_interval(secs => :patience) AS ok FROM web_processes ORDER BY started_at"
)
_WORKERS = text(
    "SELECT *, seen_at >= now() - make_interval(secs => :patience) AS ok FROM celery_workers ORDER BY started_at"
)


@dataclass(frozen=True)
class Answer:
    """What a neighbour said of itself, and after how many milliseconds."""

    ok: bool
    ms: float | None = None
    version: str | None = None


@dataclass(frozen=True)
class Condition:
    """All of it at one moment. Rows of processes are those of the tables, with `ok`: heard of lately."""

    missing: list[str]
    database: Answer
    redis: Answer
    now: datetime | None = None
    last_tick: datetime | None = None
    processes: Sequence[Any] = ()
    workers: Sequence[Any] = ()
    schema: str = field(default_factory=schema.newest)

    @property
    def tally(self) -> Tally:
        """What the web processes did over the last minute, together."""
        up = [process for process in self.processes if process.ok]
        return Tally(
            sum(process.heartbeats for process in up),
            sum(process.batches for process in up),
            sum(process.waited_seconds for process in up),
        )

    @property
    def beats_per_second(self) -> float:
        """Over the last minute."""
        return self.tally.heartbeats / WINDOW


def look() -> Condition:
    """Look at every part now. Never raises: what does not answer is not ok."""
    missing = [check.missing for check in readiness.check() if not check.ok]
    redis = Answer(*redis_client.look())
    try:
        with transaction():
            begun = time.perf_counter()
            version = db.session.execute(_VERSION).scalar_one()
            database = Answer(True, (time.perf_counter() - begun) * 1000, f"PostgreSQL {version}")
            plane = db.session.execute(_PLANE).one()
            patience = {"patience": settings().deaf_after.total_seconds()}
            processes = db.session.execute(_PROCESSES, patience).all()
            workers = db.session.execute(_WORKERS, {"patience": 3 * STAMP_SECONDS}).all()
    except SQLAlchemyError:
        return Condition(missing, Answer(False), redis)
    return Condition(missing, database, redis, plane.now, plane.last_tick, processes, workers)
