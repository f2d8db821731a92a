"""The daemon's messages and the control plane's routes mean the same, without a copy of either in between."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from node_daemon import messages, settings
from node_daemon.agents.supervisor import AgentStatus, Restarted
from node_daemon.machine.sample import AgentLoad, Sample

BASE = "/api/engine/cluster"
MACHINE = "0" * 32
SAMPLE = Sample(0.25, 0.5, 0.75, (0.1, 0.2, 0.3), 1000, {41: AgentLoad(1.5, 20)})
SETTINGS = settings.check(
    {"ENTERPRISE_URL": "http://127.0.0.1", "WORKER_NODE_ID": "n1", "WORKER_CAPABILITIES": "gpu,c++"}, "/home/x"
)


def agent(number: int, state: str = "running", pid: int | None = 41) -> AgentStatus:
    return AgentStatus(f"agent-{number}", "A", "", state, pid, 3, "2026-11-23T15:04:30.000Z" if pid else None)


@pytest.fixture
def node(client: FlaskClient) -> FlaskClient:
    """A client of a control plane on which the node is registered."""
    answer = client.post(f"{BASE}/register", json=messages.registration(SETTINGS, MACHINE, [agent(1)]))
    assert answer.status_code == 200, answer.json
    return client


def beat(client: FlaskClient, agents: list[AgentStatus], results: list[dict[str, Any]] | None = None) -> Any:
    return client.post(f"{BASE}/heartbeat/n1", json=messages.heartbeat(MACHINE, SAMPLE, agents, results or []))


def test_a_registration_makes_the_node_that_it_describes(node: FlaskClient) -> None:
    seen = node.get(f"{BASE}/nodes/n1").get_json()

    assert (seen["nodeId"], seen["status"], seen["managed"]) == ("n1", "online", True)
    assert set(seen["capabilities"]) == {"gpu", "c++"}
    assert seen["agents"] == ["agent-1"]


def test_a_heartbeat_is_taken_with_every_state_an_agent_can_have(node: FlaskClient) -> None:
    agents = [agent(1), agent(2, "starting"), agent(3, "stopped", None), agent(4, "crash_looping", None)]

    answer = beat(node, agents)

    assert answer.status_code == 200, answer.json
    assert answer.json["ok"] is True
    seen = node.get(f"{BASE}/nodes/n1").get_json()
    assert {"agent-1", "agent-2"} <= set(seen["agents"])


def crowd(count: int, letters: int = 36) -> list[AgentStatus]:
    """Agents whose ids are so long, as long as a UUID."""
    names = [f"{number:0{letters}}" for number in range(count)]
    return [AgentStatus(name, "A", "writer", "running", 41, 3, "2026-11-23T15:04:30.000Z") for name in names]


def test_a_node_with_500_agents_named_by_uuids_loses_none_of_them(node: FlaskClient) -> None:
    results = [messages.result("c1", True, "x" * 500)]

    answer = beat(node, crowd(500), results)

    assert answer.status_code == 200, answer.json
    seen = node.get(f"{BASE}/nodes/n1").get_json()
    assert len(seen["agents"]) == 500
    message = messages.heartbeat(MACHINE, SAMPLE, crowd(500), results)
    assert message["agentDetails"]
    assert (message["commandResults"], message["issues"]) == (results, [])


@pytest.mark.parametrize(("count", "letters", "told"), [(512, 36, 500), (300, 128, 183)])
def test_agents_that_no_heartbeat_can_hold_are_an_issue_and_assigned_ones_are_not_among_them(
    node: FlaskClient, count: int, letters: int, told: int
) -> None:
    agents = crowd(count, letters)
    message = messages.heartbeat(MACHINE, SAMPLE, agents, [], {agents[-1].id: {"epoch": 1}})

    answer = node.post(f"{BASE}/heartbeat/n1", json=message)

    assert answer.status_code == 200, answer.json
    assert (message["agents"][0], len(message["agents"])) == (agents[-1].id, told)
    issues = node.get(f"{BASE}/nodes/n1").get_json()["issues"]
    left = f"{count - told} of {count} agents are in no heartbeat, which can tell of {told}: run fewer here"
    assert [(issue["code"], issue["message"]) for issue in issues] == [("agents_left_out", left)]


def test_results_of_any_command_are_taken(node: FlaskClient) -> None:
    outcome = Restarted((agent(1),), ())
    results = [
        messages.result("c1", True, outcome.message, outcome),
        messages.result("c2", False, "does not know the command dance\n\x00" + "x" * 900),
    ]

    assert beat(node, [agent(1)], results).status_code == 200


def test_the_largest_heartbeat_is_taken(node: FlaskClient) -> None:
    results = [messages.result(f"c{number}", True, "x" * 900) for number in range(200)]

    answer = beat(node, [agent(number) for number in range(700)], results)

    assert answer.status_code == 200, answer.json


def test_an_unknown_node_is_told_in_the_words_that_the_daemon_knows(client: FlaskClient) -> None:
    answer = beat(client, [])

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_node")


def test_another_machine_under_the_same_id_is_told_in_the_words_that_the_daemon_knows(node: FlaskClient) -> None:
    answer = node.post(f"{BASE}/register", json=messages.registration(SETTINGS, "f" * 32, []))

    assert (answer.status_code, answer.json["code"]) == (409, "node_conflict")
