"""How often somebody may ask; heartbeats never count."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.extensions import db
from app.gateways import task_queue
from app.gateways.rate_counter import COUNTER
from app.models import AuditEntry
from config import Settings
from tests.fleet import CLUSTER, Fleet
from tests.joining import Machine
from tests.people import bearer, credential, token
from tests.ports import closed_port

TEST, ADDRESS = f"{CLUSTER}/test-connection", {"host": "10.0.0.1", "port": 3101}


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch, settings_with: Callable[..., None]) -> None:
    """Jobs are asked for, and nobody waits long for their end."""
    monkeypatch.setattr(task_queue, "send_job", lambda _job_id: None)
    settings_with(answer_within=0.01)


@pytest.fixture
def strict(settings: Settings) -> Iterator[Flask]:
    """An app that lets everybody ask 20 times a minute, and strangers 5 times."""
    made = create_app(replace(settings, cluster_auth=True, requests_per_minute=20))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def without_redis(settings: Settings) -> Iterator[Flask]:
    """The same without a Redis."""
    url = f"redis://127.0.0.1:{closed_port()}/0"
    made = create_app(
        replace(settings, redis_url=url, cluster_auth=True, requests_per_minute=20, answer_within=timedelta())
    )
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


def statuses(client: FlaskClient, path: str, count: int, **sent: object) -> list[int]:
    return [client.open(path, **sent).status_code for _ in range(count)]  # type: ignore[arg-type]


def test_one_person_tests_connections_ten_times_a_minute(guarded: Flask) -> None:
    client, headers = guarded.test_client(), token("operator")
    asked = [
        client.post(TEST, json={**ADDRESS, "host": f"10.0.0.{number}"}, headers=headers) for number in range(1, 16)
    ]

    assert [answer.status_code for answer in asked] == [202] * 10 + [429] * 5
    refused = asked[-1]
    assert refused.json["code"] == "too_many_requests"
    assert 50 <= int(refused.headers["Retry-After"]) <= 60
    other = client.post(TEST, json={**ADDRESS, "host": "10.0.0.99"}, headers=token("operator"))
    assert other.status_code == 202


def test_one_address_is_called_ten_times_a_minute_whoever_asks(guarded: Flask) -> None:
    client = guarded.test_client()
    asked = [client.post(TEST, json={**ADDRESS, "port": n}, headers=token("operator")) for n in range(1, 13)]

    assert [answer.status_code for answer in asked] == [202] * 10 + [429] * 2


def test_a_flood_leaves_one_row_of_its_refusals(guarded: Flask) -> None:
    statuses(guarded.test_client(), TEST, 20, method="POST", json=ADDRESS, headers=token("operator"))

    [row] = db.session.query(AuditEntry).filter_by(result="refused")
    assert row.detail == {"reason": "Too many requests"}


def test_a_stranger_who_hammers_leaves_one_row_a_minute(guarded: Flask) -> None:
    asked = statuses(guarded.test_client(), TEST, 20, method="POST", json=ADDRESS)
    asked += statuses(guarded.test_client(), TEST, 5, method="POST", json=ADDRESS, headers=bearer("mst_made_up"))

    assert asked == [401] * 25
    assert db.session.query(AuditEntry).filter_by(result="refused").count() == 2  # for two reasons


@pytest.mark.parametrize(("action", "most"), [("ping", 10), ("restart", 10)])
def test_a_node_is_asked_for_work_ten_times_a_minute(guarded: Flask, fleet: Fleet, action: str, most: int) -> None:
    fleet.add()
    headers = token("operator")
    path = f"{CLUSTER}/nodes/mac-mini/{action}"

    asked = statuses(guarded.test_client(), path, 12, method="POST", json={}, headers=headers)
    assert asked == [202] * most + [429] * 2


def test_with_sign_in_off_costly_routes_are_still_limited_and_all_others_are_not(app: Flask) -> None:
    assert statuses(app.test_client(), TEST, 12, method="POST", json=ADDRESS) == [202] * 10 + [429] * 2
    app.extensions["settings"] = replace(app.extensions["settings"], requests_per_minute=1)
    assert set(statuses(app.test_client(), f"{CLUSTER}/nodes", 30)) == {200}


def test_everybody_has_a_wide_limit_of_their_own_over_all_routes(app: Flask, strict: Flask) -> None:
    client, headers = strict.test_client(), token("viewer")

    assert statuses(client, f"{CLUSTER}/nodes", 10, headers=headers) == [200] * 10
    assert statuses(client, f"{CLUSTER}/metrics", 12, headers=headers) == [200] * 10 + [429] * 2
    assert statuses(client, f"{CLUSTER}/nodes", 1, headers=token("viewer")) == [200]


def test_strangers_may_ask_less_and_count_by_address(app: Flask, strict: Flask) -> None:
    client = strict.test_client()

    assert statuses(client, f"{CLUSTER}/nodes", 7, headers=bearer("mst_made-up")) == [401] * 5 + [429] * 2
    there = {"REMOTE_ADDR": "10.9.9.9"}
    assert statuses(client, f"{CLUSTER}/nodes", 1, environ_base=there) == [401]


def test_a_stranger_with_many_addresses_of_one_network_counts_once(app: Flask, strict: Flask) -> None:
    asked = [
        strict.test_client().get(f"{CLUSTER}/nodes", environ_base={"REMOTE_ADDR": f"2001:db8::{n}"}) for n in range(7)
    ]

    assert [answer.status_code for answer in asked] == [401] * 5 + [429] * 2


def test_heartbeats_and_probes_never_count(app: Flask, fleet: Fleet, strict: Flask) -> None:
    fleet.add()
    client, headers = strict.test_client(), bearer(credential("mac-mini"))

    beat = f"{CLUSTER}/heartbeat/mac-mini"
    assert set(statuses(client, beat, 40, method="POST", json={}, headers=headers)) == {200}
    assert set(statuses(client, "/healthz", 40)) == {200}


def test_a_stranger_joins_so_often_from_one_address(guarded: Flask) -> None:
    asked = [Machine(guarded, f"node-{n}").join("mjt_made-up").status_code for n in range(125)]

    assert asked == [403] * 120 + [429] * 5
    assert Machine(guarded, "node-x", address="10.0.0.8").join("mjt_made-up").status_code == 403


def test_without_redis_each_process_counts_by_itself_and_heartbeats_go_on(
    app: Flask, fleet: Fleet, without_redis: Flask
) -> None:
    fleet.add()
    client, headers = without_redis.test_client(), token("viewer")

    assert statuses(client, f"{CLUSTER}/nodes", 22, headers=headers) == [200] * 20 + [429] * 2
    operator = token("operator")
    assert statuses(client, TEST, 12, method="POST", json=ADDRESS, headers=operator) == [202] * 10 + [429] * 2
    beats = statuses(
        client,
        f"{CLUSTER}/heartbeat/mac-mini",
        30,
        method="POST",
        json={},
        headers=bearer(credential("mac-mini")),
    )
    assert set(beats) == {200}


def test_a_redis_that_comes_back_counts_again(app: Flask, strict: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    counter, redis = strict.extensions[COUNTER], app.extensions["redis_client"]
    monkeypatch.setattr(counter, "_away_until", float("inf"))
    assert counter.allows(5, "somebody")
    assert not redis.keys("LIMITS*")

    monkeypatch.setattr(counter, "_away_until", 0.0)
    assert counter.allows(5, "somebody")
    assert redis.keys("LIMITS*")
