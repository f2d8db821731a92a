"""A job under a lease: steps and lines are written by the newest attempt only, and every job ends."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.deploying.request import DeployOrder
from app.domain.deploying.ssh import Login, SshFailure, SshFault
from app.domain.errors import Unavailable
from app.domain.identity.actor import SYSTEM
from app.domain.jobs import LARGEST_LOG, MOST_ATTEMPTS, RENEW_SECONDS, JobKind, JobState, Outcome, Step, StepState
from app.extensions import db
from app.gateways import envelope, task_queue
from app.models import Job
from app.services import jobs
from app.services.deploying import work
from app.services.deploying.asking import binding
from app.services.jobs import running
from app.services.jobs.ending import finish
from app.services.jobs.run import JobRun, LeaseLost
from app.services.jobs.running import _claim, run_job
from tests.fleet import until

STEPS = (Step("probe", "Check the machine"), Step("upload", "Upload"), Step("start", "Start"))

ORDER = DeployOrder("10.0.0.9", "root", f"SHA256:{'a' * 43}", "fresh")

pytestmark = pytest.mark.usefixtures("sent")


@pytest.fixture
def deploy(app: Flask) -> UUID:
    """A queued deploy."""
    job = Job(id=uuid4(), kind=JobKind.DEPLOY, target={"host": "h"}, deadline=func.now() + timedelta(minutes=10))
    db.session.add(job)
    db.session.commit()
    return job.id


@pytest.fixture
def login_left(app: Flask, deploy: UUID, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Whether the login of the deploy is still there for a runner."""
    changed = replace(app.extensions["settings"], secret_key="a key for tests that is long enough")
    monkeypatch.setitem(app.extensions, "settings", changed)
    target = {**ORDER.stored(), "enterprise_url": "http://127.0.0.1:1"}
    db.session.execute(update(Job).where(Job.id == deploy).values(target=target))
    db.session.commit()
    envelope.put(deploy, binding(ORDER), Login(password="hush"))
    return lambda: envelope.read(deploy, binding(ORDER)) is not None


def claimed(job_id: UUID) -> JobRun:
    job = _claim(job_id)
    assert job is not None
    return JobRun(job_id, job.attempt)


def age(job_id: UUID, **columns: float) -> None:
    """Move times of a job into the past, by seconds."""
    values = {name: func.now() - timedelta(seconds=seconds) for name, seconds in columns.items()}
    db.session.execute(update(Job).where(Job.id == job_id).values(**values))
    db.session.commit()


def states(job_id: UUID) -> Sequence[str]:
    return [step.state for step in jobs.get_job(job_id).steps]


def heed_until(run: JobRun, look: Callable[[], bool]) -> None:
    """Heed a job, as its runner does while it waits, until its row shows something; far sooner than a lease needs."""
    until(lambda: run.heed() or look(), RENEW_SECONDS / 2)


def test_a_step_that_was_written_late_tells_when_it_was(deploy: UUID) -> None:
    run = claimed(deploy)
    run.plan(STEPS)
    with run.step("probe"):
        run.marks = [(at - 30, mark) for at, mark in run.marks]
    run.marks = [(at - 10 if mark[1] is StepState.SUCCEEDED else at, mark) for at, mark in run.marks]
    run.renew()

    step = jobs.get_job(deploy).steps[0]
    assert step.started_at
    assert step.finished_at
    assert (step.finished_at - step.started_at).total_seconds() == pytest.approx(20, abs=0.5)


def test_steps_tell_how_far_a_job_is(deploy: UUID) -> None:
    run = claimed(deploy)
    run.plan(STEPS)
    with run.step("probe"):
        heed_until(run, lambda: states(deploy) == ["running", "waiting", "waiting"])
    with run.step("upload"):  # its beginning is written together with the end of the one before
        heed_until(run, lambda: states(deploy) == ["succeeded", "running", "waiting"])
    run.jot("upload", ["Sent"])
    run.renew()
    assert states(deploy) == ["succeeded", "succeeded", "waiting"]
    assert [line.text for line in jobs.log_after(deploy, 0)] == ["Sent"]


def test_a_failure_ends_its_step_and_skips_the_rest(deploy: UUID) -> None:
    run = claimed(deploy)
    run.plan(STEPS)
    with pytest.raises(SshFailure), run.step("upload"):
        raise SshFailure(SshFault.DISK_FULL, "No space is left")
    finish(deploy, Outcome(False, "disk_full", "No space is left", advice="Free some"), attempt=1)

    job = jobs.get_job(deploy)
    assert states(deploy) == ["skipped", "failed", "skipped"]
    assert (job.state, job.code, job.advice, job.steps[1].message) == (
        "failed",
        "disk_full",
        "Free some",
        "No space is left",
    )


def test_lines_are_numbered_without_a_gap(deploy: UUID) -> None:
    run = claimed(deploy)
    run.log("probe", ["a", "b"])
    run.log("upload", ["c"], offset=120)

    assert [(line.number, line.step, line.text) for line in jobs.log_after(deploy, 1)] == [
        (2, "probe", "b"),
        (3, "upload", "c"),
    ]
    assert jobs.get_job(deploy).log_lines == 3


def test_a_log_without_end_is_cut_and_counted(deploy: UUID) -> None:
    run = claimed(deploy)
    line = "x" * 65_535
    for _ in range(LARGEST_LOG // 65_536 + 2):
        run.log("probe", [line])

    job = jobs.get_job(deploy)
    assert (job.log_lines, job.log_dropped) == (16, 2)


def test_a_nul_in_the_output_does_not_lose_the_line(deploy: UUID) -> None:
    claimed(deploy).log("probe", ["a\x00b"])

    assert jobs.log_after(deploy, 0)[0].text == "a\ufffdb"


def test_whoever_lost_the_lease_writes_nothing(deploy: UUID) -> None:
    first = claimed(deploy)
    first.plan(STEPS)
    age(deploy, lease_until=1)
    second = claimed(deploy)

    for late in (
        lambda: first.log("probe", ["late"]),
        first.renew,
        lambda: first.mark("probe", jobs.get_job(deploy).steps[0].state),
    ):
        with pytest.raises(LeaseLost):
            late()
    assert finish(deploy, Outcome(True, "ok", "done"), attempt=first.attempt) is False
    assert jobs.log_after(deploy, 0) == []
    assert finish(deploy, Outcome(True, "ok", "done"), attempt=second.attempt) is True


def test_a_running_job_is_not_claimed_while_its_lease_lasts(deploy: UUID) -> None:
    claimed(deploy)
    assert _claim(deploy) is None


def test_after_too_many_lost_runners_a_job_fails_and_says_so(deploy: UUID) -> None:
    for _ in range(MOST_ATTEMPTS):
        claimed(deploy)
        age(deploy, lease_until=1)

    assert _claim(deploy) is None
    assert jobs.end_overdue_jobs() == 1
    assert jobs.get_job(deploy).code == "worker_lost"


def test_a_lost_message_is_sent_again_once_in_a_while(deploy: UUID, sent: list[str]) -> None:
    assert jobs.ring_again() == 0
    age(deploy, rung_at=30)
    assert (jobs.ring_again(), jobs.ring_again()) == (1, 0)
    assert sent == [str(deploy)]


def test_a_job_whose_runner_died_is_rung_for(deploy: UUID, sent: list[str]) -> None:
    claimed(deploy)
    age(deploy, lease_until=1)
    jobs.ring_again()
    assert sent == [str(deploy)]


def test_without_a_broker_the_sweep_goes_on_later(deploy: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: str) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(task_queue, "send_job", away)
    age(deploy, rung_at=30)
    assert jobs.ring_again() == 1
    assert jobs.get_job(deploy).state == JobState.QUEUED


def test_a_queued_job_is_cancelled_at_once(deploy: UUID) -> None:
    jobs.cancel(deploy, SYSTEM)
    jobs.cancel(deploy, SYSTEM)

    assert jobs.get_job(deploy).state == "cancelled"
    assert _claim(deploy) is None


def test_a_running_job_hears_of_its_cancel_with_its_next_write(deploy: UUID) -> None:
    run = claimed(deploy)
    assert run.renew() is False
    jobs.cancel(deploy, SYSTEM)
    run.log("probe", ["x"])
    assert run.cancel_asked is True
    assert jobs.get_job(deploy).state == "running"


def test_a_cancel_that_no_runner_hears_ends_the_job_all_the_same(deploy: UUID) -> None:
    claimed(deploy)
    jobs.cancel(deploy, SYSTEM)
    age(deploy, lease_until=1)

    assert jobs.end_overdue_jobs() == 1
    assert jobs.get_job(deploy).state == "cancelled"


@pytest.mark.parametrize("failure", [LeaseLost("taken over"), OperationalError("", {}, Exception("gone"))])
def test_the_login_waits_for_the_next_runner_until_the_job_has_ended(
    deploy: UUID, login_left: Callable[[], bool], monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def break_off(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(work, "_steps", break_off)
    monkeypatch.setattr(running, "finish", break_off)  # whoever lost the lease, or the database, ends no job
    with suppress(OperationalError):
        run_job(deploy)

    assert login_left()
    finish(deploy, Outcome(True, "ok", "Done"))
    assert not login_left()


def test_nobody_keeps_the_login_of_a_job_that_was_cancelled_or_is_overdue(
    deploy: UUID, login_left: Callable[[], bool]
) -> None:
    jobs.cancel(deploy, SYSTEM)
    assert not login_left()

    db.session.execute(update(Job).values(state="queued", finished_at=None))
    age(deploy, deadline=1)
    envelope.put(deploy, binding(ORDER), Login(password="hush"))
    assert jobs.end_overdue_jobs() == 1
    assert not login_left()


def test_what_an_overdue_job_left_on_its_machine_is_stopped_with_its_login_and_then_that_is_forgotten(
    deploy: UUID, login_left: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(task_queue, "send_stop", rung.append)
    claimed(deploy)
    age(deploy, deadline=1)
    assert (jobs.end_overdue_jobs(), rung) == (1, [str(deploy)])
    assert login_left()

    stopped: list[UUID] = []
    monkeypatch.setattr(work.ssh, "shell", lambda *_: nullcontext())
    monkeypatch.setattr(work.remote, "stop", lambda _machine, job_id: stopped.append(job_id))
    jobs.stop_left(deploy)

    assert stopped == [deploy]
    assert str(jobs.get_job(deploy).message).endswith("What it had started on the machine was stopped")
    assert not login_left()


def test_a_job_that_goes_on_is_not_stopped(deploy: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed(deploy)
    monkeypatch.setattr(work, "stop_left", lambda _: pytest.fail("it was stopped"))
    jobs.stop_left(deploy)
    assert jobs.get_job(deploy).state == JobState.RUNNING


def test_a_machine_that_cannot_be_reached_any_more_is_said_to_go_on(
    deploy: UUID, login_left: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise SshFailure(SshFault.NO_ROUTE, "There is no network route to h")

    monkeypatch.setattr(task_queue, "send_stop", lambda _: None)
    monkeypatch.setattr(work.ssh, "shell", away)
    claimed(deploy)
    age(deploy, deadline=1)
    jobs.end_overdue_jobs()
    jobs.stop_left(deploy)

    assert "could not be stopped: There is no network route to h" in str(jobs.get_job(deploy).message)
    assert not login_left()


@pytest.mark.parametrize("failure", [OperationalError("SELECT 1", {}, Exception("gone")), PoolTimeout("none is free")])
def test_a_database_that_was_away_leaves_a_deploy_to_the_next_runner(
    deploy: UUID, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def away(*_: object) -> None:
        raise failure

    monkeypatch.setattr(work, "carry_out", away)
    with pytest.raises(type(failure)):
        jobs.run_job(deploy)
    assert jobs.get_job(deploy).state == JobState.RUNNING

    age(deploy, lease_until=1)
    assert _claim(deploy) is not None
