"""A run of a job writes its steps and lines in order, and only while it holds the lease."""

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest

from app.domain.deploying.ssh import SshFailure, SshFault
from app.domain.jobs import LARGEST_LOG, RENEW_SECONDS, Outcome, Step, StepState
from app.services import jobs
from app.services.jobs.ending import finish
from app.services.jobs.run import JobRun, LeaseLost
from app.services.jobs.running import _claim
from tests.fleet import until
from tests.services.runs import age, claimed

STEPS = (Step("probe", "Check the machine"), Step("upload", "Upload"), Step("start", "Start"))

pytestmark = pytest.mark.usefixtures("sent")


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
