"""POST /nodes/:id/drain: one job whose parts move the agents of a node away, whoever carries it on."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.models import AgentRow, AuditEntry, Job
from app.services import draining, jobs
from app.services.agents import acts
from app.services.draining import drains
from tests.agents.machine import Machine
from tests.agents.orders import ask, register
from tests.agents.stored import store
from tests.draining.drains import drain, end_of, places, work
from tests.fleet import Fleet


def test_two_that_carry_a_drain_on_at_once_ask_once_and_call_nothing_left(
    client: FlaskClient, n1: Machine, n2: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for agent in ("a", "b"):
        register(client, agent, nodeId="n1")
    n1.work()
    ask_for_one = drains._ask

    def overtaken(one: drains.Drain, agent_id: str) -> bool:
        monkeypatch.setattr(drains, "_ask", ask_for_one)
        draining.go_on()
        return ask_for_one(one, agent_id)

    monkeypatch.setattr(drains, "_ask", overtaken)
    job_id = drain(client)
    assert end_of(job_id).part_counts == {"running": 2}
    work(n1, n2)
    assert end_of(job_id).message == "2 of 2 agents moved away from n1"


def test_all_agents_are_moved_and_the_node_is_cordoned(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    for agent in ("a", "b"):
        register(client, agent, nodeId="n1")
    n1.work()
    job_id = drain(client, note="new disk")
    assert end_of(job_id).part_counts == {"running": 2}
    work(n1, n2)
    job = end_of(job_id)
    assert (job.state, job.message) == ("succeeded", "2 of 2 agents moved away from n1")
    assert (places(), n1.processes, set(n2.processes)) == ({"a": "n2", "b": "n2"}, {}, {"a", "b"})
    assert (n1.fleet.node("n1").cordon or {})["note"] == "new disk"


def test_never_two_copies_unless_two_do_no_harm(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, "one", nodeId="n1")
    register(client, "two", nodeId="n1", mayOverlap=True)
    n1.work()
    drain(client)
    n2.work()
    assert (set(n1.processes), set(n2.processes)) == ({"one", "two"}, {"two"})
    work(n1, n2)
    assert (set(n1.processes), set(n2.processes)) == (set(), {"one", "two"})


def test_what_fits_nowhere_stays_and_is_named(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, "small", nodeId="n1")
    register(client, "big", nodeId="n1", needs={"memoryMb": 9000})
    register(client, "other", nodeId="n2", needs={"memoryMb": 9000})
    n1.processes["stranger"], n1.stubborn = (7, 0), {"stranger"}
    n1.work()
    job_id = drain(client)
    work(n1, n2)
    job = end_of(job_id)
    assert (job.state, job.code, job.result["moved"]) == ("failed", "agents_left", ["small"])
    assert job.result["left"] == [
        {"agentId": "big", "reason": "No suitable node: n2 has 7000 MB of memory free, 9000 MB needed"},
        {"agentId": "stranger", "reason": "stays: nobody registered it, so only its own node can start it"},
    ]
    assert places()["big"] == "n1"
    assert set(n1.processes) == {"big", "stranger"}


def test_an_empty_node_is_drained_at_once(client: FlaskClient, n1: Machine) -> None:
    assert end_of(drain(client)).message == "n1 had no agents"


def test_a_stopped_drain_leaves_the_rest_where_it_is_and_the_cordon_on(
    client: FlaskClient, n1: Machine, n2: Machine
) -> None:
    register(client, nodeId="n1")
    n1.work()
    job_id = drain(client)
    jobs.cancel(job_id, SYSTEM)
    acts.sweep()
    draining.go_on()
    work(n1, n2)
    assert end_of(job_id).state == "cancelled"
    assert [part.state for part in end_of(job_id).parts] == ["cancelled"]
    assert (places(), set(n1.processes)) == ({"reader": "n1"}, {"reader"})
    assert n1.fleet.node("n1").cordon


def test_whoever_comes_next_goes_on_where_the_last_one_died(
    client: FlaskClient, n1: Machine, n2: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for agent in ("a", "b", "c"):
        register(client, agent, nodeId="n1")
    n1.work()
    whole, asked = acts.request, []

    def dies_after_one(*said: object) -> UUID:
        asked.append(said)
        if len(asked) == 2:
            raise SystemExit
        return whole(*said)  # type: ignore[arg-type]

    monkeypatch.setattr(acts, "request", dies_after_one)
    with pytest.raises(SystemExit):
        drain(client)
    monkeypatch.setattr(acts, "request", whole)
    [job] = Job.query.filter_by(kind="drain")
    draining.go_on()
    draining.go_on()
    work(n1, n2)
    assert Job.query.filter_by(parent_id=job.id).count() == 3
    assert end_of(job.id).message == "3 of 3 agents moved away from n1"


def test_what_is_not_moved_by_the_deadline_stays_and_says_why(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1")
    n1.work()
    n1.stubborn = {"reader"}
    job_id = drain(client, deadlineSeconds=60)
    work(n1, n2)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET deadline = now() - interval '1 s' WHERE parent_id IS NOT NULL"))
    acts.sweep()
    job = end_of(job_id)
    assert job.code == "agents_left"
    assert job.result["left"] == [
        {"agentId": "reader", "reason": "reader stays on n1: n1 reports: process 101 still runs"}
    ]
    assert places() == {"reader": "n1"}


def test_moves_of_others_are_waited_for(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n2")
    n2.work()
    ask(client, "POST", "/agents/reader/move", 202, nodeId="n1")
    job_id = drain(client)
    assert not end_of(job_id).ended
    work(n2, n1, n2, n1)
    assert places() == {"reader": "n1"}
    draining.go_on()
    work(n1, n2)
    assert (places(), end_of(job_id).state) == ({"reader": "n2"}, "succeeded")


def test_one_drain_of_a_node_at_a_time(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1")
    job_id = drain(client)
    refused = ask(client, "POST", "/nodes/n1/drain", 409)
    assert (refused["code"], refused["jobId"]) == ("drain_running", str(job_id))
    assert AuditEntry.query.filter_by(action="node.drain").count() == 1


def test_a_node_whose_daemon_takes_no_agents_cannot_be_drained(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("plain")
    assert "cordon it instead" in ask(client, "POST", "/nodes/plain/drain", 409)["error"]
    assert ask(client, "POST", "/nodes/nobody/drain", 404)["code"] == "unknown_node"
    assert "deadlineSeconds" in ask(client, "POST", "/nodes/plain/drain", 400, deadlineSeconds=1)["fields"]


def test_an_adopted_agent_without_a_command_stays(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    store("own", "n1", origin="adopted")
    job = end_of(drain(client))
    assert job.result["left"] == [
        {"agentId": "own", "reason": "stays: it was adopted, and only its node knows its command"}
    ]


def test_the_agents_of_a_removed_node_are_nowhere_and_can_be_placed_again(
    client: FlaskClient, n1: Machine, n2: Machine
) -> None:
    register(client, nodeId="n1")
    n1.work()
    ask(client, "DELETE", "/nodes/n1", 200)
    row = db.session.get(AgentRow, "reader", populate_existing=True)
    assert row is not None
    assert (row.node_id, row.epoch) == (None, 2)
    ask(client, "POST", "/agents/reader/start", 202)
    assert places() == {"reader": "n2"}


def test_a_move_to_a_node_that_is_removed_is_given_up(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1")
    n1.work()
    job_id = UUID(ask(client, "POST", "/agents/reader/move", 202, nodeId="n2")["jobId"])
    ask(client, "DELETE", "/nodes/n2", 200)
    n1.work()
    assert (end_of(job_id).code, places(), set(n1.processes)) == ("node_removed", {"reader": "n1"}, {"reader"})
