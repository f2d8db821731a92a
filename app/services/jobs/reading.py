"""Read jobs and their steps; wait for an end."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, or_, select

from app.domain.errors import JobNotFound
from app.domain.jobs import ENDED, HAVE_PARTS, OPEN, JobKind, JobState, StepState
from app.extensions import db
from app.models import Job, JobStep
from app.services.jobs.part_views import PartView, count_parts, parts_of
from app.services.transaction import transaction

ANY_OPEN = "open"  # asks for jobs that have not ended
FIRST_LOOK, LONGEST_PAUSE = 0.02, 0.25  # seconds between looks at a job that somebody waits for


@dataclass(frozen=True)
class StepView:
    """A step as it is now."""

    name: str
    title: str
    state: StepState
    message: str
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class JobView:
    """A job as it is now. Times are the database's."""

    id: UUID
    kind: JobKind
    state: JobState
    node_id: str | None
    created_at: datetime
    finished_at: datetime | None
    code: str | None
    message: str | None
    result: dict[str, Any] = field(default_factory=dict)
    target: dict[str, Any] = field(default_factory=dict)
    advice: str = ""
    asked_by: str = ""
    parent_id: UUID | None = None
    agent_id: str | None = None
    started_at: datetime | None = None
    cancel_asked: bool = False
    attempt: int = 0
    log_lines: int = 0
    log_dropped: int = 0
    steps: tuple[StepView, ...] = ()
    # Of a job that stands for many: how many of its parts are in each state; the parts themselves not in lists.
    part_counts: Mapping[str, int] | None = None
    parts: tuple[PartView, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing more will change."""
        return self.state in ENDED


@dataclass(frozen=True)
class JobPage:
    """Some jobs, newest first; `next_before` asks for those that are older, None at the end."""

    jobs: tuple[JobView, ...]
    next_before: datetime | None


def get_job(job_id: UUID) -> JobView:
    """One job with its steps. Raises JobNotFound."""
    with transaction():
        job = db.session.get(Job, job_id, populate_existing=True)
        if job is None:
            raise JobNotFound
        steps = db.session.scalars(select(JobStep).where(JobStep.job_id == job_id).order_by(JobStep.position))
        parts = parts_of(job_id) if job.kind in HAVE_PARTS else ()
        return _view(job, tuple(_step(step) for step in steps), Counter(part.state for part in parts), parts)


def list_jobs(
    *,
    search: str = "",
    kind: str | None = None,
    state: str | None = None,
    node_id: str | None = None,
    agent_id: str | None = None,
    parent_id: UUID | None = None,
    whole: bool = False,
    before: datetime | None = None,
    limit: int = 50,
) -> JobPage:
    """Jobs, newest first; those that have not ended with their steps.

    `search` looks for a text in kind, node, agent, host, message and who asked. `state` may be `open`. `whole` leaves
    out what is part of another job.
    """
    chosen = select(Job).order_by(Job.created_at.desc(), Job.id).limit(limit + 1)
    places = (Job.kind, Job.node_id, Job.agent_id, Job.message, Job.asked_by, cast(Job.target["host"].astext, String))
    for word in search.split():
        chosen = chosen.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    chosen = chosen.where(Job.state.in_(OPEN)) if state == ANY_OPEN else chosen
    equal = {
        Job.kind: kind,
        Job.state: None if state == ANY_OPEN else state,
        Job.node_id: node_id,
        Job.agent_id: agent_id,
        Job.parent_id: parent_id,
    }
    for column, wanted in equal.items():
        chosen = chosen.where(column == wanted) if wanted is not None else chosen
    chosen = chosen.where(Job.parent_id.is_(None)) if whole else chosen
    chosen = chosen.where(Job.created_at < before) if before is not None else chosen
    with transaction():
        rows = db.session.scalars(chosen).all()
        steps = _steps_of([job.id for job in rows if job.state in OPEN])
        counts = count_parts([job.id for job in rows if job.kind in HAVE_PARTS])
        found = [_view(job, steps.get(job.id, ()), counts.get(job.id)) for job in rows]
    return JobPage(tuple(found[:limit]), found[limit - 1].created_at if len(found) > limit else None)


def wait_for(job_id: UUID, longest: timedelta) -> JobView:
    """The job once it has ended, or as it is after `longest`. Holds no transaction while it waits."""
    deadline = time.monotonic() + longest.total_seconds()
    pause = FIRST_LOOK
    while True:
        job = get_job(job_id)
        if job.ended or time.monotonic() + pause > deadline:
            return job
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _steps_of(open_jobs: Sequence[UUID]) -> dict[UUID, tuple[StepView, ...]]:
    if not open_jobs:
        return {}
    chosen = select(JobStep).where(JobStep.job_id.in_(open_jobs)).order_by(JobStep.position)
    found: dict[UUID, tuple[StepView, ...]] = {}
    for row in db.session.scalars(chosen):
        found[row.job_id] = (*found.get(row.job_id, ()), _step(row))
    return found


def _step(row: JobStep) -> StepView:
    return StepView(row.name, row.title, StepState(row.state), row.message, row.started_at, row.finished_at)


def _view(
    job: Job,
    steps: tuple[StepView, ...] = (),
    part_counts: Mapping[str, int] | None = None,
    parts: tuple[PartView, ...] = (),
) -> JobView:
    return JobView(
        id=job.id,
        kind=JobKind(job.kind),
        state=JobState(job.state),
        node_id=job.node_id,
        agent_id=job.agent_id,
        created_at=job.created_at,
        finished_at=job.finished_at,
        code=job.code,
        message=job.message,
        result=job.result,
        target=job.target,
        advice=job.advice,
        asked_by=job.asked_by,
        parent_id=job.parent_id,
        started_at=job.started_at,
        cancel_asked=job.cancel_asked_at is not None,
        attempt=job.attempt,
        log_lines=job.log_lines,
        log_dropped=job.log_dropped,
        steps=steps,
        part_counts=part_counts if job.kind in HAVE_PARTS else None,
        parts=parts,
    )
