"""Redis away: nodes live on, only live views and jobs have to wait."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.extensions import celery, db
from app.services.presence import silence
from config import Settings
from tests.broker import use_broker
from tests.fleet import CLUSTER, Fleet
from tests.ports import closed_port

NODE = {"nodeId": "mac-mini", "host": "127.0.0.1", "port": 3101}


@pytest.fixture
def lonely(app: Flask, settings: Settings) -> Iterator[Flask]:
    """A second app on the same database, whose Redis refuses."""
    nowhere = f"redis://127.0.0.1:{closed_port()}/0"
    made = create_app(Settings(settings.database_url, nowhere, cluster_auth=False))
    celery.conf.broker_url = ""  # what create_app wrote there has not reached the connections
    use_broker(nowhere)
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(lonely: Flask) -> FlaskClient:
    """A client of the app without Redis."""
    return lonely.test_client()


def test_nodes_register_beat_are_listed_and_placed_without_redis(client: FlaskClient) -> None:
    began = time.monotonic()
    assert client.post(f"{CLUSTER}/register", json=NODE).status_code == 200
    for _ in range(5):
        assert client.post(f"{CLUSTER}/heartbeat/mac-mini", json={"cpuUsage": 0.4}).status_code == 200
    assert client.get(f"{CLUSTER}/nodes").json["stats"]["onlineNodes"] == 1
    assert client.get(f"{CLUSTER}/best-node").json["nodeId"] == "mac-mini"
    assert client.delete(f"{CLUSTER}/nodes/mac-mini").status_code == 200
    assert time.monotonic() - began < 8  # nine requests, none of which waits a second for Redis


def test_silence_is_noticed_without_redis(lonely: Flask, client: FlaskClient) -> None:
    fleet = Fleet()
    fleet.add()
    fleet.silence("mac-mini", 91)
    assert silence.mark_silent_nodes() == ["mac-mini"]


def test_a_job_is_refused_at_once_instead_of_being_queued_for_later(client: FlaskClient) -> None:
    began = time.monotonic()
    answer = client.post(f"{CLUSTER}/test-connection", json={"host": "127.0.0.1", "port": 1})
    assert (answer.status_code, answer.json["success"], answer.json["code"]) == (200, False, "unavailable")
    assert "Redis" in answer.json["error"]
    assert time.monotonic() - began < 5  # an answer is waited for longer
    job = client.get(f"{CLUSTER}/jobs/{answer.json['jobId']}").json
    assert (job["state"], job["code"]) == ("failed", "unavailable")


def test_a_restart_without_redis_is_never_ok(client: FlaskClient) -> None:
    client.post(f"{CLUSTER}/register", json=NODE)
    answer = client.post(f"{CLUSTER}/nodes/mac-mini/restart")
    assert answer.status_code >= 500
    assert answer.json["ok"] is False


def test_the_first_page_is_served_without_redis(client: FlaskClient) -> None:
    with client.get("/") as answer:
        assert answer.status_code == 200
