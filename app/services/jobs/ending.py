"""Every job ends: by its runner, by the sweep of those that are overdue, or by somebody who cancels it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, update

from app.domain.errors import Unavailable
from app.domain.jobs import (
    ENDED,
    MOST_ATTEMPTS,
    OPEN,
    RING_AGAIN_AFTER,
    UNHEARD,
    WORKER_LOST,
    JobKind,
    JobState,
    Outcome,
    StepState,
)
from app.extensions import db
from app.gateways import envelope, task_queue
from app.models import Job, JobStep, NodeCommand
from app.services.transaction import transaction

NO_ANSWER = "No end was reported in time: the node may be offline, or a Celery worker died. Try again."


def finish(job_id: UUID, outcome: Outcome, state: JobState | None = None, attempt: int | None = None) -> bool:
    """End an open job; with `attempt`, only while that attempt is the newest. Returns whether this call ended it."""
    ended = state or (JobState.SUCCEEDED if outcome.ok else JobState.FAILED)
    with transaction():
        chosen = update(Job).where(Job.id == job_id, Job.state.in_(OPEN))
        if attempt is not None:
            chosen = chosen.where(Job.attempt == attempt)
        values = {"code": outcome.code, "message": outcome.message, "advice": outcome.advice}
        chosen = chosen.values(state=ended, result=outcome.details, finished_at=func.now(), lease_until=None, **values)
        found = db.session.execute(chosen.returning(Job.kind)).scalar_one_or_none()
        if found is not None:
            _end_steps([job_id], outcome.message)
    if found == JobKind.DEPLOY:
        envelope.forget(job_id)
    return found is not None


def add_to_message(job_id: UUID, sentence: str) -> None:
    """Say one more sentence about the end of a job."""
    with transaction():
        ended = update(Job).where(Job.id == job_id, Job.state.in_(ENDED))
        db.session.execute(ended.values(message=func.concat_ws(" ", Job.message, sentence)))


def end_overdue_jobs() -> int:
    """End every job that is past its deadline, was cancelled without a runner to hear it, or lost too many runners.

    Returns how many.
    """
    lost = (Job.state == JobState.RUNNING) & (Job.lease_until < func.now())
    ended = (
        _end_where(Job.deadline < func.now(), JobState.FAILED, Outcome(False, "no_answer", NO_ANSWER))
        + _end_where(Job.cancel_asked_at.is_not(None) & lost, JobState.CANCELLED, UNHEARD)
        + _end_where(lost & (Job.attempt >= MOST_ATTEMPTS), JobState.FAILED, WORKER_LOST)
    )
    with transaction():
        db.session.execute(
            update(NodeCommand)
            .where(NodeCommand.finished_at.is_(None), NodeCommand.expires_at < func.now())
            .values(finished_at=func.now(), ok=False, message=NO_ANSWER)
        )
    return ended


def ring_again() -> int:
    """Send the message of every job again that waits for a runner: its message or its runner was lost.

    Returns how many. Doubled messages do no harm: a claim is won once.
    """
    unheard = (Job.state == JobState.QUEUED) & (Job.rung_at < func.now() - RING_AGAIN_AFTER)
    orphaned = (Job.state == JobState.RUNNING) & (Job.lease_until < func.now())
    with transaction():
        chosen = update(Job).where(or_(unheard, orphaned)).values(rung_at=func.now())
        found = db.session.scalars(chosen.returning(Job.id)).all()
    for job_id in found:
        try:
            task_queue.send_job(str(job_id))
        except Unavailable:  # the next sweep tries again
            break
    return len(found)


def _end_where(condition: ColumnElement[bool], state: JobState, outcome: Outcome) -> int:
    with transaction():
        chosen = update(Job).where(Job.state.in_(OPEN), condition)
        chosen = chosen.values(state=state, code=outcome.code, message=outcome.message, finished_at=func.now())
        ended = db.session.execute(chosen.values(lease_until=None).returning(Job.id, Job.kind, Job.attempt)).all()
        _end_steps([job.id for job in ended], outcome.message)
    for job in ended:
        if job.kind != JobKind.DEPLOY or not job.attempt or not _rung_to_stop(job.id):
            envelope.forget(job.id)
    return len(ended)


def _rung_to_stop(job_id: UUID) -> bool:
    """Whether somebody will stop what the job left on its machine; that needs the login once more."""
    try:
        task_queue.send_stop(str(job_id))
    except Unavailable:
        return False
    return True


def _end_steps(job_ids: Sequence[UUID], message: str) -> None:
    """No step goes on after its job, within the current transaction."""
    of_these = JobStep.job_id.in_(job_ids)
    running = update(JobStep).where(of_these, JobStep.state == StepState.RUNNING)
    db.session.execute(running.values(state=StepState.FAILED, message=message, finished_at=func.now()))
    waiting = update(JobStep).where(of_these, JobStep.state == StepState.WAITING)
    db.session.execute(waiting.values(state=StepState.SKIPPED))
