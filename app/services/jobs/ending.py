"""Every job ends: by its runner, by the sweep of those that are overdue, or by somebody who cancels it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, update

from app.domain.errors import Unavailable
from app.domain.jobs import (
    ENDED,
    MOST_ATTEMPTS,
    NOT_BEGUN,
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
from app.services.jobs.parts import go_on, go_on_with_all
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
        found = db.session.execute(chosen.returning(Job.kind, Job.parent_id)).one_or_none()
        if found is not None:
            _end_steps([job_id], outcome.message)
    if found is None:
        return False
    if found.kind == JobKind.DEPLOY:
        envelope.forget(job_id)
    if found.parent_id is not None:
        go_on(found.parent_id)
    return True


def end_cancelled(job_id: UUID) -> None:
    """End at once what was cancelled and never began: a job that nobody took, or such parts of one."""
    queued = (Job.state == JobState.QUEUED) & Job.cancel_asked_at.is_not(None)
    _end_where(or_(Job.id == job_id, Job.parent_id == job_id) & queued, JobState.CANCELLED, NOT_BEGUN)


def end_parts(parent_id: UUID, outcome: Outcome) -> None:
    """End every open part of a job, and so the job."""
    _end_where(Job.parent_id == parent_id, JobState.FAILED, outcome)


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
    go_on_with_all()
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
        columns = (Job.id, Job.kind, Job.attempt, Job.parent_id)
        ended = db.session.execute(chosen.values(lease_until=None).returning(*columns)).all()
        _end_steps([job.id for job in ended], outcome.message)
    for job in ended:
        if job.kind != JobKind.DEPLOY or not job.attempt or not _rung_to_stop(job.id):
            envelope.forget(job.id)
    for parent_id in {job.parent_id for job in ended if job.parent_id is not None}:
        go_on(parent_id)
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
    at_work = JobStep.state == StepState.RUNNING
    ended = {
        "state": case((at_work, StepState.FAILED.value), else_=StepState.SKIPPED.value),
        "message": case((at_work, message), else_=JobStep.message),
        "finished_at": case((at_work, func.now()), else_=JobStep.finished_at),
    }
    left = JobStep.job_id.in_(job_ids), JobStep.state.in_((StepState.RUNNING, StepState.WAITING))
    db.session.execute(update(JobStep).where(*left).values(ended), execution_options={"synchronize_session": False})
