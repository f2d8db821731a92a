"""What beat sends, and how often."""

from typing import Any

from app.gateways import task_queue
from config import Settings


def schedule(settings: Settings) -> dict[str, Any]:
    """Each entry expires before the next of its kind, so that a stopped Celery worker finds no pile."""
    every = settings.stale_check_interval.total_seconds()
    return {"check-silence": {"task": task_queue.CHECK_SILENCE, "schedule": every, "options": {"expires": every}}}
