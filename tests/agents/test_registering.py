"""POST, GET, PATCH and DELETE of agents, and the adoption of those that are only seen."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.errors import Unavailable
from app.gateways import task_queue
from app.models import AgentRow
from tests.agents.conftest import Machines
from tests.agents.orders import ask, details, register
from tests.fleet import CLUSTER, Fleet

WHOLE = {
    "name": "Reader",
    "role": "reads mail",
    "command": ["run", "--id", "{id}"],
    "needs": {"capabilities": ["gpu"], "memoryMb": 500, "cpuWeight": 0.5, "labels": {"site": "office"}},
    "tags": ["mail"],
    "onNodeLoss": "move",
    "leaseSeconds": 90,
    "mayOverlap": True,
    "memoryWarnMb": 400,
    "memoryLimitMb": 600,
}


def assigned(client: FlaskClient, node_id: str) -> list[str]:
    return [agent["agentId"] for agent in client.get(f"{CLUSTER}/nodes/{node_id}/assignments").json["agents"]]


def test_a_new_agent_is_placed_and_its_node_told_so(client: FlaskClient, machines: Machines) -> None:
    machines("n1", capabilities=("gpu",), labels={"site": "office"})

    made = register(client, **WHOLE)

    assert {key: made[key] for key in WHOLE} == WHOLE
    assert (made["nodeId"], made["epoch"], made["wanted"], made["origin"]) == ("n1", 1, "running", "registered")
    assert made["placement"] == {"nodeId": "n1", "score": 100.0, "others": []}
    [told] = client.get(f"{CLUSTER}/nodes/n1/assignments").json["agents"]
    assert (told["command"], told["epoch"], told["onNodeLoss"]) == (["run", "--id", "reader"], 1, "move")


def test_its_node_is_nudged(client: FlaskClient, machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    machines("n1")
    nudged: list[str] = []
    monkeypatch.setattr(task_queue, "send_nudge", nudged.append)
    register(client)
    assert nudged == ["n1"]


def test_an_agent_goes_to_the_node_that_was_named(client: FlaskClient, machines: Machines) -> None:
    machines("n1", "n2")
    assert register(client, nodeId="n2")["nodeId"] == "n2"
    assert (assigned(client, "n1"), assigned(client, "n2")) == ([], ["reader"])


def test_a_named_node_that_cannot_take_it_is_refused_with_the_reason(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    refused = ask(client, "POST", "/agents", 409, agentId="reader", nodeId="n1", needs={"memoryMb": 16001})
    assert refused["code"] == "no_suitable_node"
    assert refused["error"] == "No suitable node: n1 has 16000 MB of memory free, 16001 MB needed"
    assert AgentRow.query.count() == 0
    assert ask(client, "POST", "/agents", 404, agentId="reader", nodeId="nobody")["code"] == "unknown_node"


def test_when_no_node_fits_each_says_why_the_shortest_first(client: FlaskClient, machines: Machines) -> None:
    machines("small").add("plain")
    machines("gone", "aside").silence("gone", 91)
    refused = ask(client, "POST", "/agents", 409, agentId="reader", needs={"capabilities": ["gpu"]})
    assert refused["reasons"] == [
        {"nodeId": "aside", "reason": "lacks gpu"},
        {"nodeId": "small", "reason": "lacks gpu"},
        {"nodeId": "gone", "reason": "is offline"},
        {"nodeId": "plain", "reason": "has no daemon that takes agents"},
    ]


def test_an_id_is_given_once(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    register(client)
    assert ask(client, "POST", "/agents", 409, agentId="reader")["code"] == "agent_exists"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"agentId": "no spaces"}, "agentId"),
        ({}, "agentId"),
        ({"agentId": "a", "command": []}, "command"),
        ({"agentId": "a", "command": ["x\0"]}, "command"),
        ({"agentId": "a", "command": ["x", ""]}, "command"),
        ({"agentId": "a", "env": {"1X": "v"}}, "env"),
        ({"agentId": "a", "env": {"X": "v\0"}}, "env"),
        ({"agentId": "a", "needs": {"memoryMb": -1}}, "needs"),
        ({"agentId": "a", "needs": {"cpuWeight": "many"}}, "needs"),
        ({"agentId": "a", "tags": ["Not a tag"]}, "tags"),
        ({"agentId": "a", "onNodeLoss": "panic"}, "onNodeLoss"),
        ({"agentId": "a", "leaseSeconds": 29}, "leaseSeconds"),
        ({"agentId": "a", "wanted": "perhaps"}, "wanted"),
        ({"agentId": "a", "nodeId": "-"}, "nodeId"),
        ({"agentId": "a", "name": "a\nb"}, "name"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_field(client: FlaskClient, said: dict[str, Any], field: str) -> None:
    refused = ask(client, "POST", "/agents", 400, **said)
    assert field in refused["fields"]


def test_an_environment_needs_a_key_to_be_sealed_with(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    refused = ask(client, "POST", "/agents", 409, agentId="reader", env={"TOKEN": "s3cret"})
    assert refused["code"] == "not_configured"


def test_an_environment_is_shown_by_its_names(client: FlaskClient, machines: Machines, with_key: None) -> None:
    machines("n1")
    made = register(client, env={"TOKEN": "s3cret", "A": "1"})
    assert made["envNames"] == ["A", "TOKEN"]
    changed = ask(client, "PATCH", "/agents/reader", 200, env={"TOKEN": "other"})
    assert changed["envNames"] == ["TOKEN"]
    told = client.get(f"{CLUSTER}/nodes/n1/assignments").json["agents"][0]["env"]
    assert told == {"TOKEN": "other"}
    for answer in (made, changed, details(client)):
        assert "s3cret" not in str(answer)
        assert "other'" not in str(answer)


def test_a_change_leaves_the_rest_as_it_is_and_bumps_the_revision(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1", capabilities=("gpu",), labels={"site": "office"})
    register(client, **WHOLE)
    changed = ask(client, "PATCH", "/agents/reader", 200, name="Writer", command=None)
    assert {key: changed[key] for key in WHOLE} == {**WHOLE, "name": "Writer", "command": None}
    assert (fleet.stored("n1", "assignments_revision"), changed["epoch"]) == (2, 1)


def test_a_removed_agent_is_no_longer_assigned(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1")
    register(client, needs={"memoryMb": 500})
    assert ask(client, "DELETE", "/agents/reader", 200) == {"removed": True}
    assert assigned(client, "n1") == []
    assert (fleet.stored("n1", "assignments_revision"), fleet.stored("n1", "promised_memory_mb")) == (2, 0)
    assert [event["kind"] for event in details(client)["history"]] == ["removed", "registered"]


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("DELETE", ""), ("GET", ""), ("POST", "/adopt")])
def test_an_unknown_agent_is_a_404(client: FlaskClient, method: str, path: str) -> None:
    for agent_id in ("nobody", "no%20body", "a%00b"):
        answer = client.open(f"{CLUSTER}/agents/{agent_id}{path}", method=method, json={})
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_agent")


def seen(fleet: Fleet, node_id: str, *agent_ids: str) -> None:
    told = [{"agentId": agent, "name": "Old", "role": "helper", "pid": 7, "epoch": 0} for agent in agent_ids]
    fleet.beat(node_id, scope="node", agents=list(agent_ids), agentDetails=told, assignments=0)


def test_an_agent_that_is_only_seen_is_adopted_where_it_is(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1", "n2")
    seen(fleet, "n2", "old")
    assert details(client, "old")["managed"] is False

    made = ask(client, "POST", "/agents/old/adopt", 201)

    assert (made["nodeId"], made["origin"], made["name"], made["role"]) == ("n2", "adopted", "Old", "helper")
    assert (made["epoch"], made["command"]) == (0, None)
    assert assigned(client, "n2") == ["old"]
    assert fleet.stored("n2", "promised_agents") == 0
    whole = details(client, "old")
    assert (whole["managed"], whole["seen"][0]["pid"], whole["seen"][0]["state"]) == (True, 7, "running")
    assert ask(client, "POST", "/agents/old/adopt", 409)["code"] == "agent_exists"


def test_a_long_name_is_cut_when_its_agent_is_adopted(client: FlaskClient, machines: Machines) -> None:
    told = [{"agentId": "old", "name": "n" * 200, "role": "r" * 200}]
    machines("n1").beat("n1", scope="node", agents=["old"], agentDetails=told, assignments=0)
    made = ask(client, "POST", "/agents/old/adopt", 201)
    assert (made["name"], made["role"]) == ("n" * 128, "r" * 128)


def test_an_agent_on_two_nodes_or_on_one_that_is_offline_is_not_adopted(
    client: FlaskClient, machines: Machines
) -> None:
    fleet = machines("n1", "n2")
    seen(fleet, "n1", "old")
    seen(fleet, "n2", "old")
    refused = ask(client, "POST", "/agents/old/adopt", 409)
    assert (refused["code"], "n1, n2" in refused["error"]) == ("agent_not_adoptable", True)
    fleet.silence("n1", 91)
    fleet.silence("n2", 91)
    assert ask(client, "POST", "/agents/old/adopt", 404)["code"] == "unknown_agent"


def test_without_redis_agents_are_placed_all_the_same(
    client: FlaskClient, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_node_id: str) -> None:
        raise Unavailable("Redis does not take the task")

    machines("n1")
    monkeypatch.setattr(task_queue, "send_nudge", away)
    register(client)
    assert assigned(client, "n1") == ["reader"]
