"""Every job ends, whoever died or was away: by its next runner, a cancel or a sweep; nothing of it is left then."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.deploying.request import DeployOrder
from app.domain.deploying.ssh import Login, SshFailure, SshFault
from app.domain.errors import Unavailable
from app.domain.identity.actor import SYSTEM
from app.domain.jobs import MOST_ATTEMPTS, JobState, Outcome
from app.extensions import db
from app.gateways import envelope, task_queue
from app.models import Job
from app.services import jobs
from app.services.deploying import work
from app.services.deploying.asking import binding
from app.services.jobs import running
from app.services.jobs.ending import finish
from app.services.jobs.run import LeaseLost
from app.services.jobs.running import _claim, run_job
from tests.services.runs import age, claimed

ORDER = DeployOrder("10.0.0.9", "root", f"SHA256:{'a' * 43}", "fresh")

pytestmark = pytest.mark.usefixtures("sent")


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
