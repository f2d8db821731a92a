"""When Muster counts as started, and what is said when it stops being well."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from standalone.health import CELERY_PATIENCE_SECONDS, HealthWatch, is_ready
from standalone.process import Process
from tests.standalone.polling import eventually

STARTED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def answer(last_tick: str | None, ready: bool = True) -> dict[str, Any]:
    return {"ready": ready, "missing": [], "checks": {"celery": {"ok": ready, "lastTick": last_tick}}}


@pytest.mark.parametrize(
    ("found", "ready"),
    [
        (answer("2026-11-23T12:00:01.000Z"), True),
        (answer("2026-11-23T13:00:01+01:00"), True),
        (answer("2026-11-23T11:59:59.000Z"), False),  # a tick of the run before
        (answer("2026-11-23T12:00:01.000Z", ready=False), False),
        (answer(None), False),
        (answer("soon"), False),
        ({"ready": True}, False),
        ({}, False),
    ],
)
def test_ready_means_a_celery_tick_of_this_start(found: dict[str, Any], ready: bool) -> None:
    assert is_ready(found, STARTED) is ready


class Watched:
    """A health watch with its own time and a Celery worker that only lives."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.said: list[str] = []
        self.celery = Process(
            "worker", [sys.executable, "-c", "import time; time.sleep(600)"], folder / "log", stop_seconds=5.0
        )
        self.health = HealthWatch("http://127.0.0.1:9", self.celery, self.said.append, lambda: self.now)

    def judge(self, *missing: str, **checks: bool) -> None:
        self.health.judge({"missing": list(missing), "checks": {name: {"ok": ok} for name, ok in checks.items()}})


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_a_change_is_said_once(watched: Watched) -> None:
    watched.judge()
    watched.judge("Redis does not answer.", redis=False)
    watched.judge("Redis does not answer.", redis=False)
    watched.health.judge({})
    watched.judge()

    assert watched.said == ["not ready: Redis does not answer.", "not ready: web does not answer", "ready again"]


def test_a_stalled_celery_worker_is_ended_so_that_it_starts_again(watched: Watched) -> None:
    watched.celery.start()
    try:
        watched.judge("No tick.", celery=False, redis=True)
        watched.now += CELERY_PATIENCE_SECONDS + 1
        watched.judge("No tick.", celery=False, redis=True)

        eventually(lambda: watched.celery.exit_code() is not None)
    finally:
        watched.celery.stop()


def test_celery_is_not_blamed_for_what_it_stands_on(watched: Watched) -> None:
    watched.celery.start()
    try:
        for redis_answers in (True, False, True, False):
            watched.judge("No tick.", celery=False, redis=redis_answers)
            watched.now += CELERY_PATIENCE_SECONDS / 2 + 1

        assert watched.celery.is_running()
    finally:
        watched.celery.stop()
