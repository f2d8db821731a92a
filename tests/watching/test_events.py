"""The timeline of the fleet: newest first, with names, searched by words, paged without loss."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services import nodes
from app.services.presence import silence
from app.services.watching import events
from tests.fleet import CLUSTER, Fleet


def read(client: FlaskClient, **query: Any) -> Any:
    answer = client.get(f"{CLUSTER}/events", query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json


def seen(client: FlaskClient, **query: Any) -> list[tuple[str, str]]:
    return [(line["nodeId"], line["reason"]) for line in read(client, **query)["events"]]


@pytest.fixture
def eventful(fleet: Fleet) -> Fleet:
    """Two nodes: both registered, one went silent while an agent was there."""
    fleet.add("mac-mini", name="Office Mac")
    fleet.add("vps-1", name="Rented_100%")
    fleet.beat("mac-mini", scope="node", agents=["Writer"])
    fleet.silence("mac-mini", 91)
    silence.mark_silent_nodes()
    return fleet


def test_all_nodes_newest_first_with_their_names(client: FlaskClient, eventful: Fleet) -> None:
    found = read(client)
    assert [(line["nodeName"], line["from"], line["to"]) for line in found["events"]] == [
        ("Office Mac", "online", "offline"),
        ("Rented_100%", "offline", "online"),
        ("Office Mac", "offline", "online"),
    ]
    newest = found["events"][0]
    assert (newest["reason"], newest["message"], newest["agents"]) == ("silent", "No heartbeat for 90 s", ["Writer"])
    assert newest["at"].endswith("Z")
    assert found["nextBefore"] is None


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("silent", [("mac-mini", "silent")]),
        ("NO heartbeat", [("mac-mini", "silent")]),
        ('"no heartbeat for"', [("mac-mini", "silent")]),
        ("office -silent", [("mac-mini", "registered")]),
        ("writer", [("mac-mini", "silent")]),
        ("vps", [("vps-1", "registered")]),
        ("100%", [("vps-1", "registered")]),
        ("d_1", [("vps-1", "registered")]),
        ("e_mac", []),  # no pattern: a line below is a line below
        ("%", [("vps-1", "registered")]),
        ("online registered", [("vps-1", "registered"), ("mac-mini", "registered")]),
        ("nothing-like-it", []),
    ],
)
def test_every_word_must_be_there(client: FlaskClient, eventful: Fleet, q: str, found: list[tuple[str, str]]) -> None:
    assert seen(client, q=q) == found


def test_one_node_alone(client: FlaskClient, eventful: Fleet) -> None:
    assert seen(client, node="vps-1") == [("vps-1", "registered")]
    assert seen(client, node="vps-1", q="silent") == []


def test_a_removed_node_keeps_its_lines_under_its_id(client: FlaskClient, eventful: Fleet) -> None:
    nodes.remove_node(SYSTEM, "vps-1")
    assert seen(client, q="vps-1")[0] == ("vps-1", "removed")
    assert read(client, q="vps-1")["events"][0]["nodeName"] == "vps-1"


@pytest.mark.parametrize("q", ["", "registered"])
def test_pages_follow_each_other_without_loss(client: FlaskClient, fleet: Fleet, q: str) -> None:
    for number in range(7):
        fleet.add(f"n-{number}")
    pages, before = [], {}
    while True:
        page = read(client, limit=3, q=q, **before)
        pages.append([line["nodeId"] for line in page["events"]])
        if page["nextBefore"] is None:
            break
        before = {"before": page["nextBefore"]}
    assert pages == [["n-6", "n-5", "n-4"], ["n-3", "n-2", "n-1"], ["n-0"]]


def test_a_search_reads_a_bounded_part_and_goes_on_there(
    client: FlaskClient, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SEARCHED", 4)
    for number in range(6):
        fleet.add(f"n-{number}")
    page = read(client, q="n-0")
    assert page["events"] == []
    assert read(client, q="n-0", before=page["nextBefore"])["events"][0]["nodeId"] == "n-0"
    assert read(client, q="n-0", before=page["nextBefore"])["nextBefore"] is None


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"q": 'an "open quote'}, "never closed"),
        ({"q": "x" * 501}, "longer than 500"),
        ({"q": '""'}, "empty value"),
        ({"q": "a\0b"}, "NUL character"),
        ({"node": "a b"}, "must be the id of a node"),
        ({"limit": "501"}, "must be 1-500"),
        ({"before": "0"}, "before"),
    ],
)
def test_nonsense_is_a_400_with_a_sentence(client: FlaskClient, query: dict[str, str], sentence: str) -> None:
    answer = client.get(f"{CLUSTER}/events", query_string=query)
    assert answer.status_code == 400
    assert sentence in answer.json["error"]


def test_the_newest_lines_come_from_an_index(fleet: Fleet) -> None:
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO node_transitions (node_id, from_status, to_status, reason)"
                " SELECT 'n-' || i % 100, 'online', 'offline', 'silent' FROM generate_series(1, 5000) i"
            )
        )
        connection.execute(text("ANALYZE node_transitions"))
        plans = []
        for where in ("", "WHERE id < 4000", "WHERE node_id = 'n-7'"):
            sql = f"EXPLAIN SELECT * FROM node_transitions {where} ORDER BY id DESC LIMIT 50"  # noqa: S608 - our own
            plans.append(str(connection.execute(text(sql)).all()))
    assert all("Index Scan" in plan for plan in plans), plans
