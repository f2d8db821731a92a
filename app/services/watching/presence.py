"""Celery workers say by themselves that they are there: asking all of them would make a page wait."""

from datetime import datetime

from sqlalchemy import text

from app.extensions import db
from app.services.transaction import transaction

STAMP_SECONDS = 15.0

_STAMP = text(
    "INSERT INTO celery_workers (worker_id, last_task_at) VALUES (:worker_id, :last_task_at)"
    " ON CONFLICT (worker_id) DO UPDATE SET seen_at = now(), last_task_at = excluded.last_task_at"
)
_FORGET = text("DELETE FROM celery_workers WHERE seen_at < now() - interval '1 hour'")
_LEAVE = text("DELETE FROM celery_workers WHERE worker_id = :worker_id")


def stamp(worker_id: str, last_task_at: datetime | None) -> None:
    """Note that a Celery worker is there, and when it ended its last task."""
    with transaction():
        db.session.execute(_STAMP, {"worker_id": worker_id[:128], "last_task_at": last_task_at})
        db.session.execute(_FORGET)


def leave(worker_id: str) -> None:
    """Note that a Celery worker stops in good order."""
    with transaction():
        db.session.execute(_LEAVE, {"worker_id": worker_id[:128]})
