"""How the control plane itself is: every part, and the figures that its processes tell."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from app.extensions import db
from app.gateways import schema
from app.services import heartbeats
from app.services.presence import listening, silence
from app.services.watching import presence
from app.services.watching.vitals import Vitals
from config import Settings
from tests.fleet import Fleet
from tests.ports import closed_port


def read(client: FlaskClient) -> Any:
    answer = client.get("/api/health")
    assert answer.status_code == 200
    return answer.json


def change(sql: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(sql))


def prove() -> None:
    with db.engine.begin() as connection:
        listening.prove(connection)


@pytest.fixture
def vitals(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Vitals:
    """Of a process that has done nothing yet."""
    made = Vitals()
    monkeypatch.setitem(app.extensions, "vitals", made)
    monkeypatch.delitem(app.extensions, "heartbeat_lane", raising=False)
    return made


def test_every_part_that_is_well_says_so(client: FlaskClient) -> None:
    silence.mark_silent_nodes()
    presence.stamp("celery@here:1", datetime(2026, 11, 23, 15, tzinfo=UTC))
    found = read(client)
    assert found["missing"] == []
    assert found["database"]["ok"]
    assert found["database"]["version"].startswith("PostgreSQL ")
    assert found["redis"]["ok"]
    assert found["redis"]["version"].split()[0] in ("Valkey", "Redis")
    assert 0 < found["database"]["ms"] < 1000
    assert 0 < found["redis"]["ms"] < 1000
    assert (found["celery"]["ok"], found["celery"]["workers"]) == (True, 1)
    assert found["celery"]["lastTaskAt"] == "2026-11-23T15:00:00.000Z"
    assert found["beat"]["ok"]
    assert found["beat"]["agoSeconds"] < 10
    assert found["beat"]["lastTick"].endswith("Z")
    assert (found["schema"], len(found["build"])) == (schema.newest(), 12)


def test_a_celery_worker_that_fell_silent_is_no_worker(client: FlaskClient) -> None:
    presence.stamp("celery@here:1", None)
    presence.stamp("celery@there:2", None)
    change("UPDATE celery_workers SET seen_at = now() - interval '46 seconds' WHERE worker_id = 'celery@here:1'")
    found = read(client)["celery"]
    assert (found["ok"], found["workers"], found["lastTaskAt"]) == (True, 1, None)
    assert [(one["workerId"], one["ok"]) for one in found["processes"]] == [
        ("celery@here:1", False),
        ("celery@there:2", True),
    ]
    presence.leave("celery@there:2")
    assert read(client)["celery"]["ok"] is False


def test_a_stale_check_that_stopped_is_not_well(client: FlaskClient) -> None:
    assert read(client)["beat"] == {"ok": False, "lastTick": None, "agoSeconds": None}
    change("UPDATE control_plane SET last_tick = now() - interval '51 seconds'")
    found = read(client)
    assert not found["beat"]["ok"]
    assert 51 <= found["beat"]["agoSeconds"] < 60
    assert "stale check" in found["missing"][0]


def test_heartbeats_are_counted_but_the_pulse_is_not(client: FlaskClient, vitals: Vitals, fleet: Fleet) -> None:
    assert read(client)["heartbeats"] == {"perSecond": 0, "batchSize": None, "lagMs": None}
    fleet.add()
    for _ in range(3):
        fleet.beat()
    heartbeats.pulse()
    prove()
    found = read(client)["heartbeats"]
    assert (found["perSecond"], found["batchSize"]) == (0.05, 1)
    assert 0 < found["lagMs"] < 3000


def test_the_figures_of_all_web_processes_are_joined_but_not_of_dead_ones(client: FlaskClient, app: Flask) -> None:
    change(
        "INSERT INTO web_processes (process_id, stream_clients, heartbeats, batches, waited_seconds, accepting_at)"
        " VALUES ('a', 2, 600, 100, 6, now()), ('b', 3, 1200, 50, 12, now()),"
        " ('dead', 9, 9000, 1, 900, now() - interval '16 seconds')"
    )
    found = read(client)
    assert found["heartbeats"] == {"perSecond": 30, "batchSize": 12, "lagMs": 10}
    assert found["streams"]["clients"] == 5
    assert {one["processId"]: one["clients"] for one in found["streams"]["processes"]} == {"a": 2, "b": 3, "test": 0}
    assert {one["processId"]: one["ok"] for one in found["processes"]} == {
        "a": True,
        "b": True,
        "dead": False,
        "test": True,
    }


def test_a_process_tells_of_its_open_streams(client: FlaskClient, vitals: Vitals) -> None:
    vitals.count_streams = lambda: 7
    prove()
    assert {"processId": listening.process_id(), "clients": 7} in read(client)["streams"]["processes"]


@pytest.fixture
def lonely(settings: Settings) -> Iterator[Flask]:
    """An app whose Redis and Postgres are both gone."""
    nowhere = f"127.0.0.1:{closed_port()}"
    made = create_app(Settings(f"postgresql://muster:pw@{nowhere}/muster", f"redis://{nowhere}/0", cluster_auth=False))
    yield made
    with made.app_context():
        db.engine.dispose()


def test_with_everything_gone_it_still_answers_and_says_what_is_missing(lonely: Flask) -> None:
    found = read(lonely.test_client())
    gone = {"ok": False, "ms": None, "version": None}
    assert (found["database"], found["redis"]) == (gone, gone)
    assert (found["beat"]["ok"], found["celery"]["ok"], found["processes"]) == (False, False, [])
    assert len(found["missing"]) == 2
    assert "pw" not in str(found)
