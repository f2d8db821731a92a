"""GET /nodes: filters, order, pages, unchanged lists, compression."""

import gzip
import json

import pytest
from flask.testing import FlaskClient

from app.domain.identity.actor import SYSTEM
from app.domain.nodes.registration import Registration
from app.extensions import db
from app.models import NodeRow
from app.services import nodes
from tests.fleet import CLUSTER, Fleet

PATH = f"{CLUSTER}/nodes"
COUNT = 240


@pytest.fixture
def many(fleet: Fleet) -> list[str]:
    """Nodes n-000 to n-239: every third has a GPU, every other is darwin; usage and names repeat."""
    rows = [
        {
            "node_id": f"n-{number:03}",
            "name": f"Node {number % 7}",
            "host": f"10.0.0.{number}",
            "port": 3101,
            "platform": ("darwin", "linux")[number % 2],
            "capabilities": ["gpu", "voice"] if number % 3 == 0 else ["voice"],
            "cpu_usage": (number % 5) / 4 if number % 11 else None,
            "last_heartbeat": db.func.now() if number % 13 else None,
        }
        for number in range(COUNT)
    ]
    with db.engine.begin() as connection:
        connection.execute(db.insert(NodeRow).values(rows))
    return [str(row["node_id"]) for row in rows]


def ids(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.json
    return [node["nodeId"] for node in answer.json["nodes"]]


def pages(client: FlaskClient, query: str) -> list[list[str]]:
    found, cursor = [], ""
    while True:
        answer = client.get(f"{PATH}?{query}&cursor={cursor}").json
        found.append([node["nodeId"] for node in answer["nodes"]])
        cursor = answer["nextCursor"]
        if not cursor:
            return found


def joined(found: list[list[str]]) -> list[str]:
    return [node_id for page in found for node_id in page]


def test_without_a_query_the_whole_fleet_is_answered(client: FlaskClient, many: list[str]) -> None:
    answer = client.get(PATH).json
    assert [node["nodeId"] for node in answer["nodes"]] == many
    assert (answer["matched"], answer["nextCursor"]) == (COUNT, None)


@pytest.mark.parametrize("sort", ["registered", "-registered", "name", "-name", "cpu", "-cpu", "status", "seen", "mem"])
@pytest.mark.parametrize("limit", [17, 240])
def test_pages_hold_every_node_once_in_the_order_of_the_whole_list(
    client: FlaskClient, many: list[str], sort: str, limit: int
) -> None:
    found = pages(client, f"sort={sort}&limit={limit}")
    assert all(len(page) <= limit for page in found)
    assert joined(found) == ids(client, f"sort={sort}")
    assert sorted(joined(found)) == many


def test_pages_of_a_filter_hold_what_matches(client: FlaskClient, many: list[str]) -> None:
    found = joined(pages(client, "q=cap:gpu -platform:darwin&limit=9"))
    assert found == [f"n-{n:03}" for n in range(COUNT) if n % 3 == 0 and n % 2]


def test_matched_counts_all_pages(client: FlaskClient, many: list[str]) -> None:
    assert client.get(f"{PATH}?q=cap:gpu&limit=5").json["matched"] == 80


def test_totals_are_those_of_the_whole_fleet_whatever_was_asked_for(client: FlaskClient, many: list[str]) -> None:
    answer = client.get(f"{PATH}?q=cap:gpu&limit=5").json
    assert (answer["stats"]["totalNodes"], answer["stats"]["offlineNodes"]) == (COUNT, 19)


def test_a_node_removed_between_two_pages_hides_no_other(client: FlaskClient, many: list[str]) -> None:
    first = client.get(f"{PATH}?limit=10").json
    nodes.remove_node(SYSTEM, "n-003")
    nodes.remove_node(SYSTEM, "n-009")
    second = client.get(f"{PATH}?limit=10&cursor={first['nextCursor']}").json
    missed = {f"n-{n:03}" for n in range(20)} - {node["nodeId"] for node in first["nodes"] + second["nodes"]}
    assert missed == set()


def test_pages_whose_ends_were_all_removed_lose_nothing(client: FlaskClient, many: list[str]) -> None:
    first = client.get(f"{PATH}?limit=10").json
    for number in range(5, 10):
        nodes.remove_node(SYSTEM, f"n-{number:03}")
    second = client.get(f"{PATH}?limit=10&cursor={first['nextCursor']}").json
    assert {"n-010", "n-011"} <= {node["nodeId"] for node in second["nodes"]}


def test_a_node_added_between_two_pages_repeats_no_other(client: FlaskClient, many: list[str]) -> None:
    first = client.get(f"{PATH}?limit=10&sort=name").json
    nodes.register(SYSTEM, Registration("aaa", "127.0.0.1", 3101, name="AAA"))
    second = client.get(f"{PATH}?limit=10&sort=name&cursor={first['nextCursor']}").json
    seen = [node["nodeId"] for node in first["nodes"] + second["nodes"]]
    assert len(set(seen)) == 20


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=mini", ["mac-mini"]),
        ("q=GPU-BOX", ["gpu-box"]),
        ("q=10.0.0.9", ["gpu-box"]),
        ("q=cap:gpu", ["gpu-box"]),
        ("q=cap:gpu,voice", ["mac-mini", "gpu-box"]),
        ("q=cpu:>80", ["gpu-box"]),
        ("q=cpu:<=50", ["mac-mini"]),
        ("q=-status:online", ["typed"]),
        ("q=status:off", ["typed"]),
        ("q=agent:a-1", ["mac-mini"]),
        ("q=label:region=eu", ["gpu-box"]),
        ("q=issue:any", []),
        ("q=nothing-like-this", []),
        ("q=", ["mac-mini", "gpu-box", "typed"]),
        ("sort=name", ["gpu-box", "mac-mini", "typed"]),
        ("sort=cpu", ["gpu-box", "mac-mini", "typed"]),
        ("sort=-cpu", ["mac-mini", "gpu-box", "typed"]),
        ("sort=-registered", ["typed", "gpu-box", "mac-mini"]),
    ],
)
def test_a_list_is_filtered_and_ordered_as_asked(
    client: FlaskClient, fleet: Fleet, query: str, found: list[str]
) -> None:
    fleet.add("mac-mini", capabilities=("voice",), agents=("a-1", "a-2"))
    fleet.add("gpu-box", host="10.0.0.9", capabilities=("gpu",), labels={"region": "eu"})
    fleet.add("typed", manual=True)
    fleet.beat("mac-mini", cpuUsage=0.5)
    fleet.beat("gpu-box", cpuUsage=0.9)
    assert ids(client, query) == found


def test_a_filter_sees_a_node_that_went_silent_a_moment_ago(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    assert ids(client, "q=status:offline") == ["mac-mini"]


def test_a_bad_filter_is_told_with_the_term_at_fault(client: FlaskClient) -> None:
    answer = client.get(f"{PATH}?q=cpu:lots")
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_query")
    assert "cpu:lots" in answer.json["error"]


def test_an_unchanged_list_costs_a_304_without_a_body(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    first = client.get(PATH)
    again = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_changed_list_is_sent_again(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    known = client.get(PATH).headers["ETag"]
    fleet.beat(cpuUsage=0.3)
    assert client.get(PATH, headers={"If-None-Match": known}).status_code == 200


def test_a_node_that_becomes_silent_changes_the_etag_though_nothing_was_written(
    client: FlaskClient, fleet: Fleet
) -> None:
    fleet.add()
    fleet.silence("mac-mini", 80)
    known = client.get(PATH).headers["ETag"]
    fleet.silence("mac-mini", 91)
    assert client.get(PATH, headers={"If-None-Match": known}).status_code == 200


def test_one_node_has_an_etag_too(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    first = client.get(f"{PATH}/mac-mini")
    assert client.get(f"{PATH}/mac-mini", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_large_list_is_compressed_when_asked_for(client: FlaskClient, many: list[str]) -> None:
    plain = client.get(PATH)
    packed = client.get(PATH, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert json.loads(gzip.decompress(packed.data)) == plain.json
    assert len(packed.data) * 4 < len(plain.data)


@pytest.mark.parametrize("accepted", [None, "identity", "br", "gzip;q=0"])
def test_a_list_is_not_compressed_for_those_who_cannot_read_it(
    client: FlaskClient, many: list[str], accepted: str | None
) -> None:
    answer = client.get(PATH, headers={"Accept-Encoding": accepted} if accepted else {})
    assert "Content-Encoding" not in answer.headers
    assert len(answer.json["nodes"]) == COUNT


def test_a_compressed_list_that_is_unchanged_costs_a_304(client: FlaskClient, many: list[str]) -> None:
    asked = {"Accept-Encoding": "gzip"}
    tag = client.get(PATH, headers=asked).headers["ETag"]
    assert client.get(PATH, headers={**asked, "If-None-Match": tag}).status_code == 304
