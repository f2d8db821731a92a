"""POST /heartbeat/:nodeId: alive, how it is, and which agents are there."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fleet import CLUSTER, Fleet

OK = {"ok": True, "heartbeatIntervalMs": 30000}


def beat(client: FlaskClient, **said: Any) -> None:
    assert client.post(f"{CLUSTER}/heartbeat/mac-mini", json=said).status_code == 200


def agents(client: FlaskClient) -> list[str]:
    return list(client.get(f"{CLUSTER}/nodes/mac-mini").json["agents"])


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"data": b""},
        {"json": {}},
        {"data": b"", "content_type": "application/json"},
        {"data": b"{}", "content_type": "text/plain"},
        {"json": {"agents": ["a-1"], "cpuUsage": 0.45, "memoryUsage": 0.62}},
    ],
)
def test_a_heartbeat_is_answered_with_ok_and_the_pace(client: FlaskClient, fleet: Fleet, sent: dict[str, Any]) -> None:
    fleet.add()
    answer = client.post(f"{CLUSTER}/heartbeat/mac-mini", **sent)
    assert (answer.status_code, answer.json) == (200, OK)


def test_usage_is_shown_in_the_metadata_of_the_node(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    beat(client, cpuUsage=0.45, memoryUsage=0.62)
    assert fleet.node().cpu_usage == 0.45
    assert client.get(f"{CLUSTER}/nodes/mac-mini").json["metadata"] == {"cpuUsage": 0.45, "memoryUsage": 0.62}


def test_a_heartbeat_that_says_nothing_keeps_the_last_figures(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add(agents=("a-1", "a-2"), version="0.5.0")
    beat(client, cpuUsage=0.45, diskUsage=0.2, loadAverage=[1, 2, 3])
    beat(client)
    node = fleet.node()
    assert (node.cpu_usage, node.disk_usage, node.load_average) == (0.45, 0.2, [1, 2, 3])
    assert (node.agents, node.version) == (("a-1", "a-2"), "0.5.0")


def test_a_heartbeat_moves_the_last_heartbeat_forward(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 50)
    before = client.get(f"{CLUSTER}/nodes/mac-mini").json["lastHeartbeat"]
    beat(client)
    assert client.get(f"{CLUSTER}/nodes/mac-mini").json["lastHeartbeat"] > before


def test_a_heartbeat_brings_a_silent_node_back(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 100)
    assert fleet.node().status == "offline"
    beat(client)
    assert fleet.node().status == "online"


def test_an_unknown_node_is_told_to_register_by_a_code(client: FlaskClient) -> None:
    answer = client.post(f"{CLUSTER}/heartbeat/nobody", json={})
    assert (answer.status_code, answer.json["error"], answer.json["code"]) == (404, "Node not found", "unknown_node")


@pytest.mark.parametrize("said", [{"cpuUsage": 45}, {"memoryUsage": -1}, {"agents": "a-1"}, {"scope": "fleet"}])
def test_an_invalid_field_is_named(client: FlaskClient, fleet: Fleet, said: dict[str, Any]) -> None:
    fleet.add()
    answer = client.post(f"{CLUSTER}/heartbeat/mac-mini", json=said)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_input")
    assert answer.json["fields"].keys() == said.keys()


def test_an_invalid_heartbeat_does_not_make_a_node_look_alive(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 100)
    client.post(f"{CLUSTER}/heartbeat/mac-mini", json={"cpuUsage": 45})
    assert fleet.node().status == "offline"


def test_a_list_of_the_node_replaces_what_was_there(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add(agents=("a-1", "a-2"))
    beat(client, agents=["a-2"], scope="node")
    assert agents(client) == ["a-2"]


def test_without_a_scope_several_agents_are_the_whole_list(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add(agents=("a-1", "a-2", "a-3"))
    beat(client, agents=["a-2", "a-4"])
    assert agents(client) == ["a-2", "a-4"]


def test_without_a_scope_an_empty_list_means_that_no_agent_is_there(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add(agents=("a-1", "a-2"))
    beat(client, agents=[])
    assert agents(client) == []


@pytest.mark.parametrize("scope", [{}, {"scope": "agent"}])
def test_one_agent_reports_itself_and_keeps_the_others(
    client: FlaskClient, fleet: Fleet, scope: dict[str, str]
) -> None:
    fleet.add(agents=("a-1", "a-2"))
    beat(client, agents=["a-3"], **scope)
    assert agents(client) == ["a-1", "a-2", "a-3"]


def test_two_agents_that_share_a_node_keep_each_other(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    for _ in range(4):
        beat(client, agents=["a-1"])
        beat(client, agents=["a-2"])
    assert agents(client) == ["a-1", "a-2"]


def test_an_agent_drops_off_90_seconds_after_its_own_last_report(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    beat(client, agents=["a-1"])
    beat(client, agents=["a-2"])
    fleet.age_agent("mac-mini", "a-1", 80)
    assert agents(client) == ["a-1", "a-2"]
    fleet.age_agent("mac-mini", "a-1", 11)
    assert agents(client) == ["a-2"]


def test_an_agent_that_dropped_off_is_forgotten_with_the_next_heartbeat(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    beat(client, agents=["a-1"])
    fleet.age_agent("mac-mini", "a-1", 91)
    beat(client, agents=["a-2"])
    assert fleet.stored("mac-mini", "agent_reports").keys() == {"a-2"}


def test_an_agent_that_the_daemon_listed_does_not_drop_off(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    beat(client, agents=["a-1"])
    beat(client, agents=["a-1"], scope="node")
    fleet.silence("mac-mini", 80)
    assert agents(client) == ["a-1"]


def test_a_node_that_went_offline_still_names_the_agents_it_had(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    beat(client, agents=["a-1"])
    fleet.age("mac-mini", 500)
    fleet.age_agent("mac-mini", "a-1", 500)
    node = client.get(f"{CLUSTER}/nodes/mac-mini").json
    assert (node["status"], node["agents"]) == ("offline", ["a-1"])


def test_details_of_agents_are_shown_with_the_node(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    beat(
        client,
        agents=["a-1", "a-2"],
        agentDetails=[{"agentId": "a-1", "name": "Anna", "state": "running", "restarts": 3, "env": {"KEY": "x"}}],
    )
    details = client.get(f"{CLUSTER}/nodes/mac-mini").json["agentDetails"]
    assert details == [
        {"agentId": "a-1", "name": "Anna", "state": "running", "restarts": 3},
        {"agentId": "a-2", "name": "a-2"},
    ]


def test_the_pace_is_a_setting(client: FlaskClient, fleet: Fleet, settings_with: Any) -> None:
    fleet.add()
    settings_with(heartbeat_interval=7)
    assert client.post(f"{CLUSTER}/heartbeat/mac-mini").json["heartbeatIntervalMs"] == 7000
