"""A heartbeat is answered the same with and without Flask; a browser's never passes without its checks."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fleet import CLUSTER, Fleet
from tests.people import bearer, credential

BEAT = f"{CLUSTER}/heartbeat/node-1"
OURS = {"Origin": "http://localhost"}  # out of the ordinary, and allowed: this one goes through Flask


@pytest.fixture
def views(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The heartbeats that came as far as the view."""
    seen: list[str] = []
    view = app.view_functions["heartbeats.heartbeat"]

    def noted(node_id: str) -> Any:
        seen.append(node_id)
        return view(node_id)

    monkeypatch.setitem(app.view_functions, "heartbeats.heartbeat", noted)
    return seen


def test_a_heartbeat_in_good_order_needs_no_view(client: FlaskClient, fleet: Fleet, views: list[str]) -> None:
    fleet.add("node-1")

    assert client.post(BEAT, json={"cpuUsage": 0.5}).json["ok"] is True
    assert views == []


@pytest.mark.parametrize(
    "sent",
    [{"json": {"cpuUsage": 0.5}}, {}, {"data": b"{"}, {"json": {"cpuUsage": 7}}, {"data": b"x" * 20_000}, {"json": []}],
)
def test_both_ways_answer_alike(client: FlaskClient, fleet: Fleet, views: list[str], sent: dict[str, Any]) -> None:
    fleet.add("node-1")

    straight, through = client.post(BEAT, **sent), client.post(BEAT, headers=OURS, **sent)

    assert views[-1:] == ["node-1"]
    said = [{**answer.json, "requestId": ""} for answer in (straight, through)]
    assert (straight.status_code, said[0]) == (through.status_code, said[1])
    assert straight.headers["Content-Type"] == through.headers["Content-Type"]


def test_both_ways_ask_for_the_credential(guarded: Flask, fleet: Fleet) -> None:
    fleet.add("node-1")
    client, own, other = guarded.test_client(), bearer(credential("node-1")), bearer(credential("node-2"))

    for headers in ({}, OURS):
        assert client.post(BEAT, headers=headers).status_code == 401
        assert client.post(BEAT, headers={**other, **headers}).status_code == 403
        assert client.post(BEAT, headers={**own, **headers}).status_code == 200
        assert client.post(f"/w/{own['Authorization'][7:]}{BEAT}", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example"}, 421),
    ],
)
def test_what_is_out_of_the_ordinary_meets_the_checks(
    client: FlaskClient, fleet: Fleet, headers: dict[str, str], status: int
) -> None:
    fleet.add("node-1")

    assert client.post(BEAT, json={"cpuUsage": 0.5}, headers=headers).status_code == status
    assert fleet.node("node-1").cpu_usage is None  # type: ignore[union-attr]


def test_no_other_verb_or_address_passes_there(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("node-1")

    assert client.get(BEAT).status_code == 405
    assert client.post(f"{BEAT}/more").status_code == 404
    assert client.post(f"{CLUSTER}/heartbeat/-bad").status_code == 404
