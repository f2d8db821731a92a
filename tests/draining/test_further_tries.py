"""What a drain moved and its new node does not start is tried on others: three at most, and never as a second copy."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.errors import MusterError
from app.extensions import db
from app.services import draining
from app.services.agents import acts
from tests.agents.machine import Machine
from tests.agents.orders import register
from tests.draining.drains import drain, end_of, places, work


def too_late_to_start() -> None:
    """As if the time was over in which the new node has to start what was moved to it."""
    with db.engine.begin() as connection:
        connection.execute(
            text("UPDATE jobs SET created_at = created_at - interval '3 minutes' WHERE state = 'running'")
        )
        connection.execute(text("UPDATE agents SET placed_at = placed_at - interval '3 minutes'"))
    acts.sweep()


def drained_to_one_that_is_broken(client: FlaskClient, n1: Machine, n2: Machine) -> UUID:
    """The drain of n1, whose agent n2 did not start in time."""
    register(client, nodeId="n1")
    n1.work()
    n2.broken = {"reader"}
    job_id = drain(client)
    work(n1, n2)
    too_late_to_start()
    return job_id


@pytest.mark.parametrize("may_overlap", [False, True])
def test_what_does_not_start_on_one_node_is_tried_on_another(
    client: FlaskClient, n1: Machine, n2: Machine, may_overlap: bool
) -> None:
    register(client, nodeId="n1", mayOverlap=may_overlap)
    n1.work()
    n2.broken = {"reader"}
    job_id = drain(client)
    work(n1, n2)
    n3 = Machine(n1.fleet, "n3")
    too_late_to_start()
    assert not end_of(job_id).ended
    draining.go_on()
    work(n2, n1, n3)
    job = end_of(job_id)
    assert (job.state, job.message) == ("succeeded", "1 of 1 agent moved away from n1")
    assert [(part.target["to"], part.state) for part in job.parts] == [("n2", "failed"), ("n3", "succeeded")]
    assert (places(), n1.processes, set(n3.processes)) == ({"reader": "n3"}, {}, {"reader"})


def test_a_third_node_is_the_last_one_that_is_tried(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1")
    n1.work()
    machines = [n2, *(Machine(n1.fleet, f"n{number}") for number in (3, 4, 5))]
    for machine in machines:
        machine.broken = {"reader"}
    job_id = drain(client)
    for _ in range(3):
        work(n1, *machines)
        too_late_to_start()
        draining.go_on()
    job = end_of(job_id)
    assert [part.target["to"] for part in job.parts] == ["n2", "n3", "n4"]
    said = "tried on n2, n3 and n4: n4 reports: it is crash-looping, its last exit code was 1"
    assert job.result["left"] == [{"agentId": "reader", "reason": said}]


def test_a_drain_gives_up_on_what_no_other_node_can_take(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    job_id = drained_to_one_that_is_broken(client, n1, n2)
    draining.go_on()
    [left] = end_of(job_id).result["left"]
    assert left["reason"].startswith(
        "n2 reports: it is crash-looping, its last exit code was 1; for another one: No suit"
    )


def test_a_drain_that_was_stopped_just_then_says_nothing_more_of_what_no_other_node_can_take(
    client: FlaskClient, n1: Machine, n2: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = drained_to_one_that_is_broken(client, n1, n2)
    request, refusals = acts.request, list[MusterError]()

    def refused_after_the_cancel(*args: Any) -> None:
        cancel = text("UPDATE jobs SET state = 'cancelled', result = '{}' WHERE id = :id")
        with db.engine.begin() as connection:
            connection.execute(cancel, {"id": job_id})
        try:
            request(*args)
        except MusterError as refusal:
            refusals.append(refusal)
            raise

    monkeypatch.setattr(acts, "request", refused_after_the_cancel)
    draining.go_on()
    assert len(refusals) == 1
    assert (end_of(job_id).state, end_of(job_id).result) == ("cancelled", {})
    draining.go_on()
    assert len(refusals) == 1


def test_an_agent_that_does_not_stop_is_not_tried_elsewhere(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1")
    n1.work()
    n1.stubborn = {"reader"}
    job_id = drain(client)
    Machine(n1.fleet, "n3")
    work(n1, n2)
    too_late_to_start()
    assert not end_of(job_id).ended
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET deadline = now() - interval '1 s' WHERE parent_id IS NOT NULL"))
    acts.sweep()
    draining.go_on()
    assert [part.code for part in end_of(job_id).parts] == ["not_stopped"]
    assert end_of(job_id).ended
