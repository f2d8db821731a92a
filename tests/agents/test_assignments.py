"""GET /nodes/:id/assignments, and the revision in heartbeats: how a daemon learns what it should run."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.identity.actor import SYSTEM
from app.models import AgentRow
from app.services import jobs
from tests.agents.stored import store
from tests.fleet import CLUSTER, Fleet
from tests.people import bearer, credential, token

READER = {
    "agentId": "reader",
    "name": "Reader",
    "role": None,
    "command": ["agenticmail-enterprise", "agent", "--id", "reader"],
    "env": {},
    "wanted": "running",
    "epoch": 0,
    "onNodeLoss": "stay",
    "leaseSeconds": 60,
    "memoryWarnMb": None,
    "memoryLimitMb": None,
}


@pytest.fixture
def managed(fleet: Fleet) -> Fleet:
    fleet.add("n1", managed=True)
    return fleet


def fetch(client: FlaskClient, node_id: str = "n1", headers: dict[str, str] | None = None) -> Any:
    answer = client.get(f"{CLUSTER}/nodes/{node_id}/assignments", headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_a_node_without_agents_has_an_empty_list_with_revision_0(client: FlaskClient, managed: Fleet) -> None:
    assert fetch(client) == {"revision": 0, "paused": False, "agents": [], "pausedAgents": []}


def test_a_daemon_is_told_everything_that_it_must_know(client: FlaskClient, managed: Fleet) -> None:
    store("reader", "n1", name="Reader")
    assert fetch(client) == {"revision": 1, "paused": False, "agents": [READER], "pausedAgents": []}


def test_an_adopted_agent_without_a_command_keeps_that_of_its_node(client: FlaskClient, managed: Fleet) -> None:
    store("own", "n1", origin="adopted")
    store("told", "n1", origin="adopted", command=["run", "{id}"])
    assert [agent["command"] for agent in fetch(client)["agents"]] == [None, ["run", "told"]]


def test_agents_of_other_nodes_are_none_of_its_business(client: FlaskClient, managed: Fleet) -> None:
    managed.add("n2", managed=True)
    store("elsewhere", "n2")
    store("nowhere", None)
    assert fetch(client)["agents"] == []


def test_a_moving_agent_stops_before_it_starts_elsewhere(client: FlaskClient, managed: Fleet) -> None:
    managed.add("n2", managed=True)
    store("one", "n1", moving_to="n2", epoch=3)
    store("two", "n1", moving_to="n2", epoch=3, may_overlap=True)
    told = {
        node: {agent["agentId"]: (agent["wanted"], agent["epoch"]) for agent in fetch(client, node)["agents"]}
        for node in ("n1", "n2")
    }
    assert told == {"n1": {"one": ("stopped", 3), "two": ("running", 3)}, "n2": {"two": ("running", 4)}}


def test_values_of_the_environment_are_for_the_node_alone(guarded: Flask, managed: Fleet, with_key: None) -> None:
    store("reader", "n1", env={"API_KEY": "s3cret", "MODE": "fast"})
    client = guarded.test_client()
    as_node, as_operator = bearer(credential("n1")), token("operator")
    assert fetch(client, headers=as_node)["agents"][0]["env"] == {"API_KEY": "s3cret", "MODE": "fast"}
    assert fetch(client, headers=as_operator)["agents"][0]["env"] == {"API_KEY": None, "MODE": None}


def test_another_node_and_a_viewer_may_not_read_them(guarded: Flask, managed: Fleet) -> None:
    managed.add("n2", managed=True)
    for headers in (bearer(credential("n2")), token("viewer")):
        answer = guarded.test_client().get(f"{CLUSTER}/nodes/n1/assignments", headers=headers)
        assert (answer.status_code, answer.json["code"]) == (403, "not_permitted")


def test_the_environment_is_not_readable_in_the_database(app: Flask, managed: Fleet, with_key: None) -> None:
    store("reader", "n1", env={"API_KEY": "s3cret"})
    assert b"s3cret" not in (AgentRow.query.one().env or b"s3cret")


def test_a_node_without_a_daemon_has_no_assignments(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("plain")
    answer = client.get(f"{CLUSTER}/nodes/plain/assignments")
    assert (answer.status_code, answer.json["code"]) == (404, "node_not_managed")
    assert client.get(f"{CLUSTER}/nodes/nobody/assignments").json["code"] == "unknown_node"


def beat(client: FlaskClient, **said: Any) -> Any:
    answer = client.post(f"{CLUSTER}/heartbeat/n1", json=said)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_the_answer_names_the_newest_revision_until_the_daemon_carries_it_out(
    client: FlaskClient, managed: Fleet
) -> None:
    store("reader", "n1")
    assert beat(client, assignments=0)["assignments"] == 1
    assert beat(client, assignments=0)["assignments"] == 1
    assert "assignments" not in beat(client, assignments=1)
    assert managed.stored("n1", "assignments_seen") == 1


def test_a_daemon_that_does_not_speak_of_revisions_is_told_of_none(client: FlaskClient, managed: Fleet) -> None:
    store("reader", "n1")
    assert "assignments" not in beat(client)
    assert managed.stored("n1", "assignments_seen") is None


def test_a_revision_travels_beside_commands(client: FlaskClient, managed: Fleet, sent: list[str]) -> None:
    store("reader", "n1")
    jobs.run_job(jobs.request_restart("n1", SYSTEM))
    answer = beat(client, assignments=0)
    assert (answer["assignments"], len(answer["commands"])) == (1, 1)


@pytest.mark.parametrize("revision", [-1, 1.5, "1", True, 2**63])
def test_a_revision_that_cannot_be_one_is_refused(client: FlaskClient, managed: Fleet, revision: object) -> None:
    answer = client.post(f"{CLUSTER}/heartbeat/n1", json={"assignments": revision})
    assert answer.status_code == 400
    assert "assignments must be a whole number from 0" in answer.json["error"]


def test_what_a_daemon_tells_of_a_copy_is_kept(client: FlaskClient, managed: Fleet) -> None:
    detail = {"agentId": "a", "state": "stopped", "epoch": 4, "exitCode": 1, "exitedAt": "2026-11-24T10:00:00Z"}
    beat(client, scope="node", agents=[], agentDetails=[detail])
    assert managed.stored("n1", "agent_reports") == {"a": {**detail, "absent": True}}


def test_a_new_secret_key_opens_environments_after_resealing(
    app: Flask, client: FlaskClient, managed: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def use(key: str, former: str = "") -> None:
        changed = replace(app.extensions["settings"], secret_key=key, former_secret_key=former)
        monkeypatch.setitem(app.extensions, "settings", changed)

    use("k" * 32)
    store("reader", "n1", env={"MODE": "fast"})
    use("n" * 32)
    assert client.get(f"{CLUSTER}/nodes/n1/assignments").json["code"] == "not_configured"
    use("n" * 32, former="k" * 32)
    assert app.test_cli_runner().invoke(args=["reseal"]).output.startswith("1 secrets")
    use("n" * 32)
    assert fetch(client)["agents"][0]["env"] == {"MODE": "fast"}
