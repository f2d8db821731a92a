"""The log of an agent: asked for as a job, sent by its node, each line once."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.identity.actor import SYSTEM
from app.domain.jobs import LARGEST_LOG
from app.models import NodeCommand
from app.services import jobs
from tests.agents.machine import Machine
from tests.agents.orders import ask, register
from tests.fleet import CLUSTER, Fleet
from tests.people import bearer, credential, token


@pytest.fixture
def n1(client: FlaskClient, fleet: Fleet) -> Machine:
    made = Machine(fleet, "n1")
    register(client)
    made.work()
    return made


def ask_for(client: FlaskClient, **said: Any) -> tuple[UUID, str]:
    """The job, and the id of its command."""
    job_id = UUID(ask(client, "POST", "/agents/reader/logs", 202, **said)["jobId"])
    return job_id, str(NodeCommand.query.filter_by(job_id=job_id).one().id)


def send(client: FlaskClient, command: str, first: int, *lines: str, node: str = "n1") -> bool:
    said = {"commandId": command, "agentId": "reader", "from": first, "lines": lines, "more": True}
    return bool(ask(client, "POST", f"/nodes/{node}/agent-logs", 200, **said)["stop"])


def texts(job_id: UUID) -> list[str]:
    return [line.text for line in jobs.log_after(job_id, 0)]


def test_the_node_is_told_which_log_and_how_much_of_it(client: FlaskClient, n1: Machine) -> None:
    _, command = ask_for(client, lines=50, follow=True)
    [told] = n1.fleet.beat("n1").commands
    arguments = {"agentId": "reader", "lines": 50, "follow": True}
    assert told == {"id": command, "kind": "agent_logs", "agentId": "reader", "arguments": arguments}


def test_lines_become_the_log_of_the_job_and_the_result_its_end(client: FlaskClient, n1: Machine) -> None:
    job_id, command = ask_for(client)
    assert send(client, command, 0, "one", "two") is False
    n1.results = [{"id": command, "ok": True, "message": "2 lines sent", "agents": []}]
    n1.fleet.beat("n1", **n1._message())
    job = jobs.get_job(job_id)
    assert (job.state, job.message, texts(job_id)) == ("succeeded", "2 lines sent", ["one", "two"])
    assert send(client, command, 2, "late") is True
    assert texts(job_id) == ["one", "two"]


def test_a_part_that_comes_twice_counts_once(client: FlaskClient, n1: Machine) -> None:
    job_id, command = ask_for(client, follow=True)
    send(client, command, 0, "one", "two")
    send(client, command, 0, "one", "two")
    send(client, command, 1, "two", "three")
    send(client, command, 3)
    assert texts(job_id) == ["one", "two", "three"]


def test_a_cancel_stops_the_node(client: FlaskClient, n1: Machine) -> None:
    job_id, command = ask_for(client, follow=True)
    jobs.cancel(job_id, SYSTEM)
    assert send(client, command, 0, "one") is True
    assert n1.fleet.beat("n1").commands == ()


def test_a_log_has_an_end(client: FlaskClient, n1: Machine) -> None:
    job_id, command = ask_for(client, follow=True)
    big, count = "x" * 16_383, LARGEST_LOG // 16_384
    assert [send(client, command, number, big) for number in range(count)] == [False] * (count - 1) + [True]
    send(client, command, count, "more")
    assert (jobs.get_job(job_id).log_lines, jobs.get_job(job_id).log_dropped) == (count, 1)


def test_a_nul_in_a_line_does_no_harm(client: FlaskClient, n1: Machine) -> None:
    job_id, command = ask_for(client)
    send(client, command, 0, "a\0b<script>")
    assert texts(job_id) == ["a\ufffdb<script>"]


def test_lines_of_another_node_or_for_no_job_are_not_wanted(client: FlaskClient, n1: Machine) -> None:
    n1.fleet.add("n2", managed=True)
    job_id, command = ask_for(client)
    assert send(client, command, 0, "theirs", node="n2") is True
    assert send(client, "00000000-0000-4000-8000-000000000000", 0, "nobody's") is True
    assert texts(job_id) == []


def test_only_the_node_itself_may_send(guarded: Flask, fleet: Fleet) -> None:
    fleet.add("n1", managed=True)
    said = {"commandId": "00000000-0000-4000-8000-000000000000", "from": 0, "lines": []}
    client = guarded.test_client()
    for headers, status in ((bearer(credential("n1")), 200), (bearer(credential("n2")), 403), (token("admin"), 403)):
        answer = client.post(f"{CLUSTER}/nodes/n1/agent-logs", json=said, headers=headers)
        assert answer.status_code == status, answer.json


def test_of_a_node_that_is_offline_or_has_no_daemon_no_log_comes(client: FlaskClient, n1: Machine) -> None:
    n1.silence(91)
    assert "n1 is offline" in ask(client, "POST", "/agents/reader/logs", 409)["error"]
    n1.fleet.add("plain")
    n1.fleet.beat("plain", agents=["lone"])
    assert "no Muster daemon" in ask(client, "POST", "/agents/lone/logs", 409)["error"]
    assert ask(client, "POST", "/agents/nobody/logs", 404)["code"] == "unknown_agent"


@pytest.mark.parametrize("said", [{"lines": 0}, {"lines": 2001}, {"follow": "perhaps"}])
def test_nonsense_is_refused(client: FlaskClient, n1: Machine, said: dict[str, Any]) -> None:
    ask(client, "POST", "/agents/reader/logs", 400, **said)
