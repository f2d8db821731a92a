"""Runs of a job: taken by a runner, and grown old."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, update

from app.extensions import db
from app.models import Job
from app.services.jobs.run import JobRun
from app.services.jobs.running import _claim


def claimed(job_id: UUID) -> JobRun:
    job = _claim(job_id)
    assert job is not None
    return JobRun(job_id, job.attempt)


def age(job_id: UUID, **columns: float) -> None:
    """Move times of a job into the past, by seconds."""
    values = {name: func.now() - timedelta(seconds=seconds) for name, seconds in columns.items()}
    db.session.execute(update(Job).where(Job.id == job_id).values(**values))
    db.session.commit()
