"""Jobs: asked for, claimed once, carried out against real neighbours, and always ended."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.errors import JobNotFound, NodeNotFound
from app.domain.jobs import JobState, Outcome
from app.extensions import db
from app.gateways import node_http, task_queue
from app.services import commands, job_actions, jobs, nodes
from app.services.jobs import JobView
from tests.fleet import Fleet
from tests.gateways.neighbours import Character, answering, by_path, neighbour, speaking
from tests.ports import closed_port

HEALTH = '{"status": "ok", "agentId": "a-1", "version": "0.5.324"}'


@pytest.fixture(autouse=True)
def sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the jobs that were rung for; no Celery worker hears it here."""
    rung: list[str] = []
    monkeypatch.setattr(task_queue, "send_job", rung.append)
    return rung


def run(job_id: UUID) -> JobView:
    jobs.run_job(job_id)
    return jobs.get_job(job_id)


def probe(character: Character) -> JobView:
    with neighbour(character) as server:
        return run(jobs.request_test("127.0.0.1", server.port))


def test_a_job_is_queued_and_rung_for_after_its_row_is_committed(sent: list[str]) -> None:
    job_id = jobs.request_test("127.0.0.1", 1)
    assert sent == [str(job_id)]
    job = jobs.get_job(job_id)
    assert (job.state, job.ended, job.finished_at) == (JobState.QUEUED, False, None)


def test_a_connection_that_works_tells_latency_version_and_agent() -> None:
    job = probe(answering("200 OK", HEALTH))
    assert (job.state, job.code) == ("succeeded", "ok")
    assert (job.result["version"], job.result["agentId"]) == ("0.5.324", "a-1")
    assert isinstance(job.result["latencyMs"], int)
    assert job.finished_at is not None


def test_only_version_and_agent_of_an_answer_are_kept() -> None:
    job = probe(answering("200 OK", '{"version": "1", "token": "secret", "agentId": ""}'))
    assert job.result.keys() == {"latencyMs", "steps", "version"}


@pytest.mark.parametrize("body", ['{"version": "\\u0000"}', '{"agentId": "\\ud800"}', '{"version": {"a": [1]}}'])
def test_an_answer_that_postgres_cannot_store_does_not_lose_the_job(body: str) -> None:
    assert probe(answering("200 OK", body)).state == "succeeded"


@pytest.mark.parametrize(
    ("character", "code"),
    [
        (answering("500 Oops"), "http_error"),
        (answering("302 Found"), "http_error"),
        (speaking(b"SSH-2.0\r\n"), "not_http"),
    ],
)
def test_a_connection_that_fails_says_why(character: Character, code: str) -> None:
    job = probe(character)
    assert (job.state, job.code) == ("failed", code)
    assert job.message
    assert "latencyMs" in job.result


def test_a_refused_connection_is_a_failed_job() -> None:
    job = run(jobs.request_test("127.0.0.1", closed_port()))
    assert (job.state, job.code) == ("failed", "refused")


def test_a_job_is_carried_out_once_by_however_many_threads(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[UUID] = []

    def note(_kind: str, job_id: UUID, *_: object) -> Outcome:
        done.append(job_id)
        return Outcome(True, "ok", "done")

    monkeypatch.setattr(job_actions, "perform", note)
    job_id = jobs.request_test("127.0.0.1", 1)
    gate = threading.Barrier(8)

    def run_in_context() -> None:
        with app.app_context():
            gate.wait(10)
            jobs.run_job(job_id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: run_in_context(), range(8)))
    assert done == [job_id]


def test_a_job_that_ended_is_not_carried_out_again() -> None:
    with neighbour(answering("200 OK")) as server:
        job_id = jobs.request_test("127.0.0.1", server.port)
        first = run(job_id)
        assert run(job_id) == first
        assert len(server.requests) == 1


def test_a_job_that_does_not_exist_is_carried_out_by_nobody() -> None:
    jobs.run_job(uuid4())
    with pytest.raises(JobNotFound):
        jobs.get_job(uuid4())


def overdue(job_id: UUID) -> None:
    with db.engine.begin() as connection:
        late = "UPDATE jobs SET deadline = now() - interval '1 second' WHERE id = :id"
        connection.execute(text(late), {"id": job_id})


def test_an_overdue_job_is_ended_with_a_sentence() -> None:
    job_id, fresh = jobs.request_test("127.0.0.1", 1), jobs.request_test("127.0.0.1", 1)
    overdue(job_id)
    assert jobs.end_overdue_jobs() == 1
    job = jobs.get_job(job_id)
    assert (job.state, job.code) == ("failed", "no_answer")
    assert "Celery worker" in (job.message or "")
    assert jobs.get_job(fresh).state == "queued"
    assert jobs.end_overdue_jobs() == 0


def test_an_overdue_job_is_not_begun() -> None:
    job_id = jobs.request_test("127.0.0.1", 1)
    overdue(job_id)
    assert run(job_id).state == "queued"


def test_an_outcome_that_comes_after_the_end_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = jobs.request_test("127.0.0.1", 1)

    def late(*_: object) -> Outcome:
        overdue(job_id)
        jobs.end_overdue_jobs()
        return Outcome(True, "ok", "too late")

    monkeypatch.setattr(job_actions, "perform", late)
    assert run(job_id).code == "no_answer"


def test_waiting_ends_when_the_job_does(app: Flask) -> None:
    job_id = jobs.request_test("127.0.0.1", closed_port())

    def run_in_context() -> None:
        with app.app_context():
            jobs.run_job(job_id)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run_in_context)
        assert jobs.wait_for(job_id, timedelta(seconds=10)).code == "refused"


def test_waiting_ends_at_its_limit() -> None:
    assert jobs.wait_for(jobs.request_test("127.0.0.1", 1), timedelta(seconds=0.05)).state == "queued"


def test_a_ping_calls_the_nodes_own_address(fleet: Fleet) -> None:
    with neighbour(answering("200 OK", HEALTH)) as server:
        fleet.add(port=server.port)
        job = run(jobs.request_ping("mac-mini"))
    assert (job.code, job.node_id, job.result["agentId"]) == ("ok", "mac-mini", "a-1")


@pytest.mark.parametrize("ask", [jobs.request_ping, jobs.request_restart])
def test_a_job_for_an_unknown_node_is_refused(app: Flask, sent: list[str], ask: Callable[[str], UUID]) -> None:
    with pytest.raises(NodeNotFound):
        ask("nobody")
    assert sent == []


def test_a_restart_without_a_daemon_asks_the_node_itself(fleet: Fleet) -> None:
    with neighbour(by_path(restart=answering("202 Accepted"))) as server:
        fleet.add(port=server.port)
        job = run(jobs.request_restart("mac-mini"))
        assert server.requests == ["POST /restart HTTP/1.1"]
    assert (job.state, job.code) == ("succeeded", "ok")


def test_a_restart_that_the_agent_there_does_not_know_is_a_failure_with_a_way_out(fleet: Fleet) -> None:
    with neighbour(by_path(health=answering("200 OK"))) as server:
        fleet.add(port=server.port)
        job = run(jobs.request_restart("mac-mini"))
    assert (job.state, job.code) == ("failed", "http_error")
    assert "install the Muster daemon" in (job.message or "")


@pytest.fixture
def managed(fleet: Fleet) -> Callable[[], JobView]:
    """A node with a daemon whose restart is under way; call it for the job as it is."""
    fleet.add(managed=True, port=closed_port())
    job_id = jobs.request_restart("mac-mini")
    assert run(job_id).state == "running"
    return lambda: jobs.get_job(job_id)


def order(fleet: Fleet) -> dict[str, str]:
    """The command that travels in the answer to a heartbeat."""
    return dict(fleet.beat(scope="node", agents=[]).commands[0])


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


def test_a_result_with_an_id_that_is_none_is_ignored(fleet: Fleet) -> None:
    fleet.add(managed=True)
    report(fleet, "not-an-id")
    report(fleet, str(uuid4()))
    assert fleet.node().status == "online"


def test_a_daemon_is_nudged_so_that_it_fetches_its_command_at_once(fleet: Fleet) -> None:
    with neighbour(by_path(nudge=answering("202 Accepted"))) as server:
        fleet.add(managed=True, port=server.port)
        run(jobs.request_restart("mac-mini"))
        assert server.requests == ["POST /nudge HTTP/1.1"]


def test_removing_a_node_forgets_its_commands(fleet: Fleet) -> None:
    fleet.add(managed=True)
    commands.issue(uuid4(), "mac-mini", "restart_agents", datetime.now(UTC) + timedelta(seconds=60))
    nodes.remove_node("mac-mini")
    fleet.add(managed=True)
    assert fleet.beat().commands == ()


def test_no_transaction_is_open_while_the_network_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    open_now: list[int] = []

    def look(*_: object) -> node_http.Reply:
        seen = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        with db.engine.connect() as connection:
            open_now.append(connection.execute(text(seen)).scalar_one())
        return node_http.Reply(True, 1)

    monkeypatch.setattr(node_http, "check_health", look)
    run(jobs.request_test("127.0.0.1", 1))
    assert open_now == [0]
