"""What beat sends: names that are a protocol, expiry so that nothing piles up, and messages without data."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from kombu.exceptions import OperationalError

from app import tasks
from app.domain.errors import Unavailable
from app.extensions import celery
from app.gateways import task_queue
from app.services import jobs
from app.services.presence import silence
from config import Settings
from tests.fleet import Fleet

QUEUE = "muster"


def waiting(app: Flask) -> list[dict[str, object]]:
    """The headers of the messages in the queue, newest first."""
    raw = app.extensions["redis_client"].lrange(QUEUE, 0, -1)
    return [json.loads(message)["headers"] for message in raw]


def test_the_names_of_the_tasks_are_fixed(app: Flask) -> None:
    assert {"jobs.run", "fleet.check_silence"} <= celery.tasks.keys()


def test_the_stale_check_is_sent_every_15_seconds_and_expires_before_the_next(settings: Settings) -> None:
    entry = tasks.schedule.schedule(settings)["check-silence"]
    assert entry["task"] == "fleet.check_silence"
    assert entry["schedule"].run_every == timedelta(seconds=15)
    assert entry["options"]["expires"] <= 15


def test_the_pace_of_the_stale_check_is_a_setting() -> None:
    quick = Settings("postgresql://x/y", "redis://x", stale_check_interval=timedelta(seconds=2))
    entry = tasks.schedule.schedule(quick)["check-silence"]
    assert (entry["schedule"].run_every, entry["options"]["expires"]) == (timedelta(seconds=2), 2)


def test_every_scheduled_task_exists(app: Flask, settings: Settings) -> None:
    assert {entry["task"] for entry in tasks.schedule.schedule(settings).values()} <= celery.tasks.keys()


def test_a_clock_that_is_set_back_holds_up_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ran_at = tasks.schedule.steady_now() - timedelta(days=1)
    monkeypatch.setattr(celery, "now", lambda: datetime.now(UTC) - timedelta(days=2))
    for entry in tasks.schedule.schedule(settings).values():
        assert entry["schedule"].is_due(ran_at).is_due, entry


def test_a_clock_that_is_set_forward_is_followed_and_one_that_is_set_back_is_not() -> None:
    shown = {"wall": 1_000_000.0, "ticks": 5.0}
    clock = tasks.schedule.SteadyClock(lambda: shown["wall"], lambda: shown["ticks"])

    def after(wall: float, ticks: float) -> float:
        shown["wall"] += wall
        shown["ticks"] += ticks
        return clock.now().timestamp() - 1_000_000

    assert after(10, 10) == 10
    assert after(3600, 0) == 3610  # asleep, or set forward
    assert after(-7200, 10) == 3620
    assert after(7200, 10) == 3630


def test_a_message_carries_an_id_and_nothing_else(app: Flask) -> None:
    task_queue.send_job("a-job")
    [headers] = waiting(app)
    assert (headers["task"], headers["id"]) == ("jobs.run", "a-job")
    assert (headers["argsrepr"], headers["kwargsrepr"]) == ("-", "-")
    assert headers["ignore_result"] is True


def test_a_check_that_waited_too_long_expires(app: Flask) -> None:
    task_queue.send_check()
    [headers] = waiting(app)
    assert headers["task"] == "fleet.check_silence"
    assert headers["expires"]


def test_messages_are_json_and_nothing_else_is_read(app: Flask) -> None:
    assert celery.conf.accept_content == ["json"]
    assert celery.conf.task_serializer == "json"
    assert celery.conf.task_ignore_result is True


def test_a_message_is_not_handed_out_twice_while_it_is_worked_on(app: Flask) -> None:
    assert celery.conf.broker_transport_options["visibility_timeout"] > 300


def test_a_queue_that_was_wiped_takes_the_next_message(app: Flask) -> None:
    task_queue.send_job("one")
    app.extensions["redis_client"].flushdb()
    task_queue.send_job("two")
    assert [headers["id"] for headers in waiting(app)] == ["two"]


def test_the_check_announces_silence_and_ends_overdue_jobs(app: Flask, fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    tasks.fleet.check_silence()
    assert fleet.reasons() == ["registered", "silent"]


def test_one_half_of_the_check_does_not_hide_the_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(silence, "mark_silent_nodes", lambda: seen.append("silence"))
    monkeypatch.setattr(jobs, "end_overdue_jobs", lambda: seen.append("jobs"))
    tasks.fleet.check_silence()
    assert seen == ["silence", "jobs"]


def test_without_a_broker_sending_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("refused")

    monkeypatch.setattr(celery, "send_task", refuse)
    with pytest.raises(Unavailable, match="Redis does not take the task"):
        task_queue.send_job("a-job")
