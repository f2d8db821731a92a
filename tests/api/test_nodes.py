"""GET and DELETE of single nodes, totals, and the timeline."""

import pytest
from flask.testing import FlaskClient

from tests.fleet import CLUSTER, Fleet


def test_an_empty_fleet_is_an_empty_list_with_zero_totals(client: FlaskClient) -> None:
    answer = client.get(f"{CLUSTER}/nodes")
    assert answer.status_code == 200
    assert answer.json["nodes"] == []
    compat = ("totalNodes", "onlineNodes", "totalAgents", "totalCpus", "totalMemoryMb")
    assert {key: answer.json["stats"][key] for key in compat} == dict.fromkeys(compat, 0)


def test_a_node_is_found_by_its_id(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("one")
    fleet.add("two")
    assert client.get(f"{CLUSTER}/nodes/two").json["nodeId"] == "two"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_node_that_does_not_exist_is_not_found(client: FlaskClient, method: str) -> None:
    answer = client.open(f"{CLUSTER}/nodes/nobody", method=method)
    assert (answer.status_code, answer.json["error"], answer.json["code"]) == (404, "Node not found", "unknown_node")


def test_a_removed_node_is_gone(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    answer = client.delete(f"{CLUSTER}/nodes/mac-mini")
    assert (answer.status_code, answer.json) == (200, {"removed": True})
    assert client.get(f"{CLUSTER}/nodes/mac-mini").status_code == 404
    assert client.get(f"{CLUSTER}/nodes").json["stats"]["totalNodes"] == 0


def test_a_removed_node_is_removed_only_once(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    client.delete(f"{CLUSTER}/nodes/mac-mini")
    assert client.delete(f"{CLUSTER}/nodes/mac-mini").status_code == 404


def test_a_removed_node_that_still_beats_is_told_to_register(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    client.delete(f"{CLUSTER}/nodes/mac-mini")
    assert client.post(f"{CLUSTER}/heartbeat/mac-mini").json["code"] == "unknown_node"


def test_a_node_may_come_back_after_its_removal_as_a_new_one(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add(agents=("a-1", "a-2"), version="1.0")
    client.delete(f"{CLUSTER}/nodes/mac-mini")
    fleet.add()
    node = client.get(f"{CLUSTER}/nodes/mac-mini").json
    assert (node["agents"], node["version"], node["status"]) == ([], "unknown", "online")


def test_the_timeline_of_a_removed_node_can_still_be_read(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add(agents=("a-1",), managed=True)
    client.delete(f"{CLUSTER}/nodes/mac-mini")
    newest = client.get(f"{CLUSTER}/nodes/mac-mini/transitions").json["transitions"][0]
    assert (newest["reason"], newest["from"], newest["to"]) == ("removed", "online", "offline")
    assert newest["agents"] == ["a-1"]


def test_the_timeline_of_a_node_that_never_was_is_not_found(client: FlaskClient) -> None:
    assert client.get(f"{CLUSTER}/nodes/nobody/transitions").json["code"] == "unknown_node"


def test_a_timeline_is_read_in_pages_without_loss_or_repeat(client: FlaskClient, fleet: Fleet) -> None:
    for port in range(3101, 3108):
        fleet.add(port=port)
    path, seen = f"{CLUSTER}/nodes/mac-mini/transitions?limit=3", []
    page = client.get(path).json
    while page["transitions"]:
        assert len(page["transitions"]) <= 3
        seen += [entry["message"].rpartition(":")[2] for entry in page["transitions"]]
        if page["nextBefore"] is None:
            break
        page = client.get(f"{path}&before={page['nextBefore']}").json
    assert seen == ["3107", "3106", "3105", "3104", "3103", "3102", "Registered"]


def test_a_timeline_tells_time_in_utc(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    assert client.get(f"{CLUSTER}/nodes/mac-mini/transitions").json["transitions"][0]["at"].endswith("Z")


def test_totals_count_what_is_up_and_each_agent_once(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("one", cpu_count=10, memory_mb=1000, agents=("a", "b"))
    fleet.add("two", cpu_count=4, memory_mb=500, agents=("b", "c"))
    fleet.add("gone", cpu_count=64, memory_mb=9000, agents=("d", "e"))
    fleet.add("typed", cpu_count=64, manual=True)
    fleet.silence("gone", 100)
    fleet.beat("two", diskUsage=0.95)
    assert client.get(f"{CLUSTER}/nodes").json["stats"] == {
        "totalNodes": 4,
        "onlineNodes": 1,
        "degradedNodes": 1,
        "offlineNodes": 2,
        "totalAgents": 3,
        "totalCpus": 14,
        "totalMemoryMb": 1500,
    }


def test_an_issue_is_shown_with_code_sentence_and_time(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    fleet.beat(diskUsage=0.95)
    node = client.get(f"{CLUSTER}/nodes/mac-mini").json
    assert (node["status"], node["statusReason"], node["diskUsage"]) == ("degraded", "issues", 0.95)
    [issue] = node["issues"]
    assert (issue["code"], issue["message"]) == ("disk_nearly_full", "Disk above 90 %")
    assert issue["since"].endswith("Z")
