"""What beat sends, and how often."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.schedules import crontab
from celery.schedules import schedule as every

from app.gateways import task_queue
from config import Settings

FORGETTING_INTERVAL = timedelta(hours=6)
ROLL_UP_INTERVAL = timedelta(minutes=5)
SAMPLES_EXPIRE = 25.0  # seconds; later than half a minute it would be the sample of another minute


_STARTED_AT, _STARTED = datetime.now(UTC), time.monotonic()


def steady_now() -> datetime:
    """The time of day by a clock that nobody sets: one that is set back would hold up all checks until it caught up."""
    return _STARTED_AT + timedelta(seconds=time.monotonic() - _STARTED)


def schedule(settings: Settings) -> dict[str, Any]:
    """Each entry expires before the next of its kind, so that a stopped Celery worker finds no pile."""
    rows = {
        "check-silence": (task_queue.CHECK_SILENCE, settings.stale_check_interval),
        "forget-old": (task_queue.FORGET_OLD, FORGETTING_INTERVAL),
        "roll-up-metrics": (task_queue.ROLL_UP_METRICS, ROLL_UP_INTERVAL),
    }
    entries: dict[str, Any] = {
        name: {"task": task, "schedule": every(pause, nowfun=steady_now), "options": {"expires": pause.total_seconds()}}
        for name, (task, pause) in rows.items()
    }
    # On the minute, so that no sample falls beside the minute that it is for.
    every_minute = {"schedule": crontab(nowfun=steady_now), "options": {"expires": SAMPLES_EXPIRE}}
    return {**entries, "sample-metrics": {"task": task_queue.SAMPLE_METRICS, **every_minute}}
