"""Jobs: asked for, claimed once, carried out against real neighbours, and always ended."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.errors import JobNotFound, NodeNotFound
from app.domain.identity.actor import SYSTEM, Actor
from app.domain.jobs import JobState, Outcome
from app.extensions import db
from app.gateways import node_http
from app.models import Job
from app.services import jobs
from app.services.jobs import JobView, actions
from tests.fleet import Fleet, run_job
from tests.gateways.neighbours import Character, answering, neighbour, speaking
from tests.ports import closed_port

HEALTH = '{"status": "ok", "agentId": "a-1", "version": "0.5.324"}'


pytestmark = pytest.mark.usefixtures("sent")


def probe(character: Character) -> JobView:
    with neighbour(character) as server:
        return run_job(jobs.request_test("127.0.0.1", server.port, SYSTEM))


def test_a_job_is_queued_and_rung_for_after_its_row_is_committed(sent: list[str]) -> None:
    job_id = jobs.request_test("127.0.0.1", 1, SYSTEM)
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
    job = run_job(jobs.request_test("127.0.0.1", closed_port(), SYSTEM))
    assert (job.state, job.code) == ("failed", "refused")


def test_a_job_is_carried_out_once_by_however_many_threads(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[UUID] = []

    def note(job: Job) -> Outcome:
        done.append(job.id)
        return Outcome(True, "ok", "done")

    monkeypatch.setattr(actions, "perform", note)
    job_id = jobs.request_test("127.0.0.1", 1, SYSTEM)
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
        job_id = jobs.request_test("127.0.0.1", server.port, SYSTEM)
        first = run_job(job_id)
        assert run_job(job_id) == first
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
    job_id, fresh = jobs.request_test("127.0.0.1", 1, SYSTEM), jobs.request_test("127.0.0.1", 1, SYSTEM)
    overdue(job_id)
    assert jobs.end_overdue_jobs() == 1
    job = jobs.get_job(job_id)
    assert (job.state, job.code) == ("failed", "no_answer")
    assert "Celery worker" in (job.message or "")
    assert jobs.get_job(fresh).state == "queued"
    assert jobs.end_overdue_jobs() == 0


def test_an_overdue_job_is_not_begun() -> None:
    job_id = jobs.request_test("127.0.0.1", 1, SYSTEM)
    overdue(job_id)
    assert run_job(job_id).state == "queued"


def test_an_outcome_that_comes_after_the_end_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = jobs.request_test("127.0.0.1", 1, SYSTEM)

    def late(*_: object) -> Outcome:
        overdue(job_id)
        jobs.end_overdue_jobs()
        return Outcome(True, "ok", "too late")

    monkeypatch.setattr(actions, "perform", late)
    assert run_job(job_id).code == "no_answer"


def test_waiting_ends_when_the_job_does(app: Flask) -> None:
    job_id = jobs.request_test("127.0.0.1", closed_port(), SYSTEM)

    def run_in_context() -> None:
        with app.app_context():
            jobs.run_job(job_id)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run_in_context)
        assert jobs.wait_for(job_id, timedelta(seconds=10)).code == "refused"


def test_waiting_ends_at_its_limit() -> None:
    assert jobs.wait_for(jobs.request_test("127.0.0.1", 1, SYSTEM), timedelta(seconds=0.05)).state == "queued"


def test_a_ping_calls_the_nodes_own_address(fleet: Fleet) -> None:
    with neighbour(answering("200 OK", HEALTH)) as server:
        fleet.add(port=server.port)
        job = run_job(jobs.request_ping("mac-mini", SYSTEM))
    assert (job.code, job.node_id, job.result["agentId"]) == ("ok", "mac-mini", "a-1")


@pytest.mark.parametrize("ask", [jobs.request_ping, jobs.request_restart])
def test_a_job_for_an_unknown_node_is_refused(app: Flask, sent: list[str], ask: Callable[[str, Actor], UUID]) -> None:
    with pytest.raises(NodeNotFound):
        ask("nobody", SYSTEM)
    assert sent == []


def test_no_transaction_is_open_while_the_network_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    open_now: list[int] = []

    def look(*_: object) -> node_http.Reply:
        seen = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        with db.engine.connect() as connection:
            open_now.append(connection.execute(text(seen)).scalar_one())
        return node_http.Reply(True, 1)

    monkeypatch.setattr(node_http, "check_health", look)
    run_job(jobs.request_test("127.0.0.1", 1, SYSTEM))
    assert open_now == [0]


def test_a_job_whose_code_fails_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Outcome:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(actions, "perform", fail)
    job_id = jobs.request_test("127.0.0.1", 1, SYSTEM)
    with pytest.raises(RuntimeError):
        jobs.run_job(job_id)
    assert (jobs.get_job(job_id).state, jobs.get_job(job_id).code) == ("failed", "internal_error")
