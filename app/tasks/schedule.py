"""What beat sends, and how often."""

from datetime import timedelta
from typing import Any

from app.gateways import task_queue
from config import Settings

FORGETTING_INTERVAL = timedelta(hours=6)


def schedule(settings: Settings) -> dict[str, Any]:
    """Each entry expires before the next of its kind, so that a stopped Celery worker finds no pile."""
    rows = {
        "check-silence": (task_queue.CHECK_SILENCE, settings.stale_check_interval),
        "forget-old": (task_queue.FORGET_OLD, FORGETTING_INTERVAL),
    }
    return {
        name: {"task": task, "schedule": every, "options": {"expires": every.total_seconds()}}
        for name, (task, every) in rows.items()
    }
