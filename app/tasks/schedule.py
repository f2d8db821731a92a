"""What beat sends, and how often."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.schedules import crontab
from celery.schedules import schedule as every

from app.gateways import task_queue
from config import Settings

FORGETTING_INTERVAL = timedelta(hours=6)
ROLL_UP_INTERVAL = timedelta(minutes=5)
SAMPLES_EXPIRE = 25.0  # seconds; later than half a minute it would be the sample of another minute


class SteadyClock:
    """The time of day, but for a clock that is set back: that would hold up all checks until it caught up.

    One that is set forward is followed, as is the time that a machine slept.
    """

    def __init__(self, wall: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._ticks = wall, ticks
        self._ahead = wall() - ticks()

    def now(self) -> datetime:
        """What it shows."""
        ticks = self._ticks()
        self._ahead = max(self._ahead, self._wall() - ticks)
        return datetime.fromtimestamp(ticks + self._ahead, UTC)


_CLOCK = SteadyClock()


def steady_now() -> datetime:
    """What the clock of this process shows; a function, as beat keeps its entries in a file."""
    return _CLOCK.now()


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
