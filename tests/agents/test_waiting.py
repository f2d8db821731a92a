"""Agents that wait for a human: one list, oldest first; an answer travels to the node, a dismissal does not."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.agents.errors import QuestionNotFound
from app.domain.agents.words import link, progress, waiting
from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services import heartbeats
from app.services.agents import waiting as waiting_of_agents
from tests.agents.conftest import Machines
from tests.agents.orders import ask
from tests.fleet import CLUSTER, Fleet
from tests.people import bearer, credential

MAY_I = {"question": "May I?", "link": "https://example.com/1", "since": "2026-11-24T10:00:00Z"}


def wait(fleet: Fleet, node_id: str, agent_id: str, said: Any = MAY_I, **more: Any) -> heartbeats.Accepted:
    detail = {"agentId": agent_id, "name": agent_id.title(), "state": "running", "waiting": said}
    return fleet.beat(node_id, scope="node", agents=[agent_id], agentDetails=[detail], **more)


def asked(client: FlaskClient, q: str = "") -> list[Any]:
    found: list[Any] = ask(client, "GET", f"/waiting?q={q}", 200)["waiting"]
    return found


def test_the_one_that_waits_longest_comes_first(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1", "n2")
    wait(fleet, "n1", "late", {**MAY_I, "since": "2026-11-24T11:00:00Z"})
    wait(fleet, "n2", "early")
    [first, second] = asked(client)
    assert (first["agentId"], second["agentId"]) == ("early", "late")
    assert first == {
        "id": first["id"],
        "agentId": "early",
        "agentName": "Early",
        "nodeId": "n2",
        **MAY_I,
        "answerable": True,
    }
    assert [one["agentId"] for one in asked(client, "LATE")] == ["late"]


def test_an_answer_travels_with_the_next_heartbeat(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1")
    wait(fleet, "n1", "a")
    [question] = asked(client)
    ask(client, "POST", f"/waiting/{question['id']}/answer", 202, answer="yes")
    assert asked(client) == []
    [command] = wait(fleet, "n1", "a").commands
    assert (command["kind"], command["arguments"]) == ("agent_answer", {"agentId": "a", "answer": "yes"})
    wait(fleet, "n1", "a", commandResults=[{"id": command["id"], "ok": True, "message": "waits"}])
    assert asked(client) == []
    assert ask(client, "POST", f"/waiting/{question['id']}/answer", 404, answer="yes")["code"] == "unknown_question"


def test_a_question_that_two_people_answer_at_once_is_answered_by_one(
    app: Flask, client: FlaskClient, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = machines("n1")
    wait(fleet, "n1", "a")
    [question] = asked(client)
    find, both = waiting_of_agents._find, Barrier(2)

    def found_by_both(asked_id: UUID) -> Any:
        found = find(asked_id)
        both.wait(10)
        return found

    monkeypatch.setattr(waiting_of_agents, "_find", found_by_both)

    def answered(said: str) -> int:
        with app.app_context():
            try:
                waiting_of_agents.answer(SYSTEM, UUID(question["id"]), said)
            except QuestionNotFound:
                return 404
            return 202

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(answered, ["yes", "no"])) == [202, 404]
    assert len(wait(fleet, "n1", "a").commands) == 1


def test_an_answer_that_the_node_did_not_take_leaves_the_question_open(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1")
    wait(fleet, "n1", "a")
    [question] = asked(client)
    ask(client, "POST", f"/waiting/{question['id']}/answer", 202, answer="yes")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE node_commands SET ok = false, finished_at = now()"))
    assert asked(client) == [question]
    ask(client, "POST", f"/waiting/{question['id']}/answer", 202, answer="yes, again")
    assert asked(client) == []


def test_a_dismissed_question_is_gone_and_the_next_one_is_not(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1")
    wait(fleet, "n1", "a")
    [question] = asked(client)
    ask(client, "DELETE", f"/waiting/{question['id']}", 200)
    assert (asked(client), wait(fleet, "n1", "a").commands) == ([], ())
    wait(fleet, "n1", "a", {**MAY_I, "question": "And now?"})
    assert [one["question"] for one in asked(client)] == ["And now?"]


def test_an_agent_that_goes_on_waits_no_more(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1")
    wait(fleet, "n1", "a")
    fleet.beat("n1", scope="node", agents=["a"])
    assert asked(client) == []


def test_an_agent_without_a_daemon_says_it_with_its_nodes_credential(guarded: Flask, fleet: Fleet) -> None:
    fleet.add("plain")
    client, headers = guarded.test_client(), bearer(credential("plain"))
    client.post(f"{CLUSTER}/heartbeat/plain", json={"agents": ["a"]}, headers=headers)

    def say(**said: Any) -> Any:
        return client.post(f"{CLUSTER}/agents/a/state", json=said, headers=headers)

    assert say(state="waiting", question="May I?", link="javascript:alert(1)").status_code == 200
    client.post(f"{CLUSTER}/heartbeat/plain", json={"agents": ["a"]}, headers=headers)
    reports = fleet.stored("plain", "agent_reports")
    assert (reports["a"]["waiting"]["question"], reports["a"]["waiting"]["link"]) == ("May I?", None)
    assert say(state="working", progress="half", percent=50).status_code == 200
    reports = fleet.stored("plain", "agent_reports")
    assert "waiting" not in reports["a"]
    assert reports["a"]["progress"]["percent"] == 50
    assert {say().status_code, say(state="waiting").status_code, say(state="tired").status_code} == {400}


@pytest.mark.parametrize("said", [{}, {"question": "a\nb", "since": MAY_I["since"]}, {"question": "x", "since": "now"}])
def test_what_cannot_be_shown_is_not_kept(said: dict[str, Any]) -> None:
    assert waiting(said) is None
    assert progress({"text": "x" * 201, "at": MAY_I["since"]}) is None


@pytest.mark.parametrize(
    "said", ["javascript:alert(1)", "https://a@b/", "ftp://x", "https://", "https://x/\n", 7, None]
)
def test_no_other_link_is_shown(said: object) -> None:
    assert link(said) is None
