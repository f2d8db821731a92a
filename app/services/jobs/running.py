"""Carry out a job in a Celery worker: claim it, do its work, end it."""

from uuid import UUID

from sqlalchemy import case, func, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.jobs import CANCELLED, ENDED, LEASED, MOST_ATTEMPTS, JobKind, JobState, Outcome
from app.extensions import db, settings
from app.gateways import envelope
from app.models import Job
from app.services.deploying import work
from app.services.jobs import actions
from app.services.jobs.ending import add_to_message, finish
from app.services.jobs.run import JobRun, LeaseLost
from app.services.lifecycle import rollouts
from app.services.setup import work as scripted
from app.services.transaction import transaction

BROKEN = Outcome(False, "internal_error", "The job failed unexpectedly; the control plane's log says how")


def run_job(job_id: UUID) -> None:
    """Carry out a queued job, or go on with one whose runner was lost. A second call for the same one does nothing."""
    job = _claim(job_id)
    if job is None:
        return
    try:
        outcome = _carried_out(job)
    except LeaseLost:
        return
    except (OperationalError, PoolTimeout):
        if job.kind in LEASED:
            raise  # the database was away: when the lease has run out, another runner goes on with it
        finish(job_id, BROKEN, attempt=job.attempt)
        raise
    except Exception:  # whatever it was, nobody shall wait until the deadline for a job that is over
        finish(job_id, BROKEN, attempt=job.attempt)
        raise
    if outcome is not None:
        state = JobState.CANCELLED if outcome.code == CANCELLED.code else None
        finish(job_id, outcome, state, attempt=job.attempt)


def stop_left(job_id: UUID) -> None:
    """Stop on its machine what a job left there that the sweep ended, and forget its login."""
    with transaction():
        job = db.session.get(Job, job_id, populate_existing=True)
        if job is None or job.state not in ENDED:
            return
        db.session.expunge(job)
    said = work.stop_left(job)
    envelope.forget(job_id)
    add_to_message(job_id, said)


def _carried_out(job: Job) -> Outcome | None:
    if job.kind not in LEASED:
        return actions.perform(job)
    run = JobRun(job.id, job.attempt)
    if job.kind == JobKind.ROLLOUT:
        return rollouts.carry_out(job, run)
    return scripted.carry_out(job, run) if "origin" in job.target else work.carry_out(job, run)


def _claim(job_id: UUID) -> Job | None:
    queued = (Job.state == JobState.QUEUED) & Job.rung_at.is_not(None)
    orphaned = (Job.state == JobState.RUNNING) & (Job.lease_until < func.now()) & (Job.attempt < MOST_ATTEMPTS)
    leased = case((Job.kind.in_(LEASED), func.now() + settings().job_lease))
    with transaction():
        claim = (
            update(Job)
            .where(Job.id == job_id, queued | orphaned, Job.deadline > func.now())
            .values(
                state=JobState.RUNNING,
                started_at=func.coalesce(Job.started_at, func.now()),
                attempt=Job.attempt + 1,
                lease_until=leased,
            )
            .returning(Job)
        )
        job = db.session.scalars(claim).one_or_none()
        if job is not None:
            db.session.expunge(job)
        return job
