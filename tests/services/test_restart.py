"""Restarts: asked of the node itself, or carried to its daemon in the answer to a heartbeat."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services import commands, jobs, nodes
from app.services.jobs import JobView
from tests.fleet import Fleet, run_job
from tests.gateways.neighbours import answering, by_path, neighbour
from tests.ports import closed_port

pytestmark = pytest.mark.usefixtures("sent")


def test_a_restart_without_a_daemon_asks_the_node_itself(fleet: Fleet) -> None:
    with neighbour(by_path(restart=answering("202 Accepted"))) as server:
        fleet.add(port=server.port)
        job = run_job(jobs.request_restart("mac-mini", SYSTEM))
        assert server.requests == ["POST /restart HTTP/1.1"]
    assert (job.state, job.code) == ("succeeded", "ok")


def test_a_restart_that_the_agent_there_does_not_know_is_a_failure_with_a_way_out(fleet: Fleet) -> None:
    with neighbour(by_path(health=answering("200 OK"))) as server:
        fleet.add(port=server.port)
        job = run_job(jobs.request_restart("mac-mini", SYSTEM))
    assert (job.state, job.code) == ("failed", "http_error")
    assert "install the Muster daemon" in (job.message or "")


@pytest.fixture
def managed(fleet: Fleet) -> Callable[[], JobView]:
    """A node with a daemon whose restart is under way; call it for the job as it is."""
    fleet.add(managed=True, port=closed_port())
    job_id = jobs.request_restart("mac-mini", SYSTEM)
    assert run_job(job_id).state == "running"
    return lambda: jobs.get_job(job_id)


def order(fleet: Fleet) -> dict[str, str]:
    """The command that travels in the answer to a heartbeat."""
    return dict(fleet.beat(scope="node", agents=[]).commands[0])


def test_a_cancelled_restart_ends_at_once_and_is_not_handed_out_any_more(
    fleet: Fleet, managed: Callable[[], JobView]
) -> None:
    job_id = managed().id
    jobs.cancel(job_id, SYSTEM)

    assert (managed().state, "not taken back" in str(managed().message)) == ("cancelled", True)
    commands.issue(job_id, "mac-mini", "restart_agents", datetime.now(UTC) + timedelta(minutes=1))
    assert fleet.beat(scope="node", agents=[]).commands == ()


def test_what_a_node_reports_of_a_cancelled_restart_changes_nothing(
    fleet: Fleet, managed: Callable[[], JobView]
) -> None:
    command = order(fleet)
    jobs.cancel(managed().id, SYSTEM)
    report(fleet, command["id"])
    assert managed().state == "cancelled"


def report(fleet: Fleet, command_id: str, node_id: str = "mac-mini", **said: object) -> None:
    fleet.beat(node_id, commandResults=[{"id": command_id, "ok": True, "message": "Restarted 2 agents", **said}])


def test_a_restart_travels_to_a_daemon_and_succeeds_with_its_result(
    fleet: Fleet, managed: Callable[[], JobView]
) -> None:
    command = order(fleet)
    assert command["kind"] == "restart_agents"
    report(fleet, command["id"], agents=[{"agentId": "a-1", "pid": 7, "env": {"KEY": "x"}}])
    job = managed()
    assert (job.state, job.code, job.message) == ("succeeded", "ok", "Restarted 2 agents")
    assert job.result["agents"] == [{"agentId": "a-1", "pid": 7}]


def test_a_restart_that_the_daemon_could_not_do_fails_with_its_sentence(
    fleet: Fleet, managed: Callable[[], JobView]
) -> None:
    report(fleet, order(fleet)["id"], ok=False, message="a-1 did not start")
    job = managed()
    assert (job.state, job.code, job.message) == ("failed", "node_failed", "a-1 did not start")


def test_the_result_of_another_nodes_command_is_ignored(fleet: Fleet, managed: Callable[[], JobView]) -> None:
    fleet.add("intruder", managed=True)
    command = order(fleet)
    report(fleet, command["id"], "intruder", ok=False, message="not mine")
    assert managed().state == "running"
    report(fleet, command["id"])
    assert managed().code == "ok"


def test_a_repeated_result_changes_nothing(fleet: Fleet, managed: Callable[[], JobView]) -> None:
    command = order(fleet)
    report(fleet, command["id"])
    report(fleet, command["id"], ok=False, message="again")
    assert managed().message == "Restarted 2 agents"


def test_a_command_is_handed_out_until_its_result_is_in_with_a_faster_pace(
    fleet: Fleet, managed: Callable[[], JobView]
) -> None:
    command = order(fleet)
    again = fleet.beat(scope="node", agents=[])
    assert (again.commands[0]["id"], again.interval_ms) == (command["id"], 2000)
    report(fleet, command["id"])
    managed()
    after = fleet.beat()
    assert (after.commands, after.interval_ms) == ((), 30000)


def test_a_command_travels_only_to_its_own_node(fleet: Fleet, managed: Callable[[], JobView]) -> None:
    fleet.add("other", managed=True)
    command = order(fleet)
    assert fleet.beat("other").commands == ()
    report(fleet, command["id"])
    managed()


def test_a_daemon_that_does_not_answer_fails_the_job_and_its_command_is_not_carried_out_late(
    fleet: Fleet, managed: Callable[[], JobView]
) -> None:
    command = order(fleet)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET deadline = now() - interval '1 second'"))
        connection.execute(text("UPDATE node_commands SET expires_at = now() - interval '1 second'"))
    assert jobs.end_overdue_jobs() == 1
    assert fleet.beat().commands == ()
    report(fleet, command["id"])
    assert (managed().state, managed().code) == ("failed", "no_answer")


def test_a_command_lives_no_longer_than_its_job(fleet: Fleet, managed: Callable[[], JobView]) -> None:
    late = "SELECT count(*) FROM node_commands c JOIN jobs j ON j.id = c.job_id WHERE c.expires_at > j.deadline"
    with db.engine.connect() as connection:
        assert connection.execute(text(late)).scalar_one() == 0


def test_an_expired_command_is_not_handed_out(fleet: Fleet) -> None:
    fleet.add(managed=True)
    commands.issue(uuid4(), "mac-mini", "restart_agents", datetime.now(UTC) - timedelta(seconds=1))
    assert fleet.beat().commands == ()


def test_a_command_carries_its_arguments(fleet: Fleet) -> None:
    fleet.add(managed=True)
    soon = datetime.now(UTC) + timedelta(seconds=60)

    commands.issue(uuid4(), "mac-mini", "upgrade", soon, arguments={"sha256": "ab"})

    assert fleet.beat().commands[0]["arguments"] == {"sha256": "ab"}


def test_a_result_with_an_id_that_is_none_is_ignored(fleet: Fleet) -> None:
    fleet.add(managed=True)
    report(fleet, "not-an-id")
    report(fleet, str(uuid4()))
    assert fleet.node().status == "online"


def test_a_daemon_is_nudged_so_that_it_fetches_its_command_at_once(fleet: Fleet) -> None:
    with neighbour(by_path(nudge=answering("202 Accepted"))) as server:
        fleet.add(managed=True, port=server.port)
        run_job(jobs.request_restart("mac-mini", SYSTEM))
        assert server.requests == ["POST /nudge HTTP/1.1"]


def test_removing_a_node_forgets_its_commands(fleet: Fleet) -> None:
    fleet.add(managed=True)
    commands.issue(uuid4(), "mac-mini", "restart_agents", datetime.now(UTC) + timedelta(seconds=60))
    nodes.remove_node(SYSTEM, "mac-mini")
    fleet.add(managed=True)
    assert fleet.beat().commands == ()
