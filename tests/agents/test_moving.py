"""Moves of agents: never two copies at work, and no agent lost on the way."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.agents import proof
from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services import jobs
from app.services.agents import acts
from app.services.agents.acts import moving
from tests.agents.machine import Machine
from tests.agents.orders import act, ask, details, end_of, overdue, register, row


def test_a_move_stops_first_and_then_starts_elsewhere(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1", needs={"memoryMb": 500})
    n1.work()
    job_id = act(client, "move")
    assert (row().node_id, row().moving_to, n2.fleet.stored("n2", "promised_memory_mb")) == ("n1", "n2", 500)
    n2.work()
    assert n2.processes == {}
    n1.work()
    assert (n1.processes, row().node_id, row().epoch) == ({}, "n2", 2)
    n2.work()
    assert n2.processes == {"reader": (101, 2)}
    job = jobs.get_job(job_id)
    assert (job.state, job.message) == ("succeeded", "Runs on n2 as process 101")
    assert [(step.name, step.state) for step in job.steps] == [("stop", "succeeded"), ("start", "succeeded")]
    assert "Moved from n1 to n2" in [event["message"] for event in details(client)["history"]]
    assert n1.fleet.stored("n1", "assigned_memory_mb") == 0


def test_an_agent_that_allows_it_starts_elsewhere_first(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1", mayOverlap=True)
    n1.work()
    job_id = act(client, "move", nodeId="n2")
    n1.work()
    assert n1.processes == {"reader": (101, 1)}
    n2.work()
    assert (n2.processes, n1.processes) == ({"reader": (101, 2)}, {"reader": (101, 1)})
    n1.work()
    assert n1.processes == {}
    assert end_of(job_id)[0] == "succeeded"


def test_while_it_moves_it_is_left_alone(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1")
    n1.work()
    job_id = act(client, "move")
    busy = ask(client, "POST", "/agents/reader/stop", 409)
    assert (busy["code"], busy["jobId"]) == ("agent_busy", str(job_id))


def test_a_move_whose_agent_does_not_stop_leaves_it_where_it_is(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1")
    n1.work()
    n1.stubborn = {"reader"}
    job_id = act(client, "move")
    n1.work()
    n2.work()
    overdue(job_id)
    acts.sweep()
    assert end_of(job_id)[2] == "reader stays on n1: n1 reports: process 101 still runs"
    assert (row().node_id, row().moving_to, n2.processes) == ("n1", None, {})
    n1.work()
    assert n1.processes == {"reader": (101, 1)}


def test_a_cancelled_move_leaves_the_agent_where_it_is(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1")
    n1.work()
    jobs.cancel(act(client, "move"), SYSTEM)
    acts.sweep()
    n1.work()
    n2.work()
    assert (row().node_id, row().moving_to) == ("n1", None)
    assert ("reader" in n1.processes, n2.processes) == (True, {})


@pytest.mark.parametrize(("policy", "seconds", "moved"), [("stay", 1000, 0), ("move", 625, 0), ("move", 631, 1)])
def test_a_silent_node_gives_up_its_agent_only_when_the_lease_has_surely_passed(
    client: FlaskClient, n1: Machine, n2: Machine, policy: str, seconds: int, moved: int
) -> None:
    register(client, nodeId="n1", onNodeLoss=policy, leaseSeconds=600)
    n1.work()
    n1.silence(95)
    act(client, "move")
    n1.silence(seconds)
    acts.sweep()
    n2.work()
    assert len(n2.processes) == moved


def test_a_node_that_is_heard_while_its_lease_is_judged_keeps_its_agent(
    client: FlaskClient, n1: Machine, n2: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge_while_it_comes_back(*judged: Any) -> bool:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE cluster_nodes SET last_heartbeat = now() WHERE node_id = 'n1'"))
        return proof.lease_is_over(*judged)

    register(client, nodeId="n1", onNodeLoss="move", leaseSeconds=600)
    n1.work()
    n1.silence(95)
    act(client, "move")
    n1.silence(631)
    monkeypatch.setattr(moving, "proof", SimpleNamespace(**vars(proof) | {"lease_is_over": judge_while_it_comes_back}))
    acts.sweep()
    n2.work()
    assert (row().node_id, n2.processes) == ("n1", {})


def test_a_lease_that_the_daemon_never_heard_of_binds_it_to_nothing(
    client: FlaskClient, n1: Machine, n2: Machine
) -> None:
    register(client, nodeId="n1")
    n1.work()
    ask(client, "PATCH", "/agents/reader", 200, onNodeLoss="move")
    n1.silence(1000)
    act(client, "move")
    acts.sweep()
    n2.work()
    assert n2.processes == {}
