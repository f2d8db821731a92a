"""The parts of a job that stands for many: some at a time, the next with the end of one, the whole with the last."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.domain.errors import Unavailable
from app.domain.jobs import (
    ENDED,
    OPEN,
    PARENTS,
    RING_AGAIN_AFTER,
    TIME_LIMIT,
    JobKind,
    JobState,
    PartEnd,
    summary,
)
from app.extensions import db, settings
from app.gateways import task_queue
from app.models import Job
from app.services.transaction import transaction


def go_on(parent_id: UUID) -> None:
    """Let as many waiting parts begin as may be at work at once; end the whole when every part has ended."""
    with transaction() as after_commit:
        # The lock: of two parts that end at the same time, the second counts what the first let begin.
        columns = select(Job.cancel_asked_at).where(
            Job.id == parent_id, Job.kind.in_(PARENTS), Job.state == JobState.RUNNING
        )
        parent = db.session.execute(columns.with_for_update()).one_or_none()
        if parent is None:
            return
        cancelled = parent.cancel_asked_at is not None
        of_it = Job.parent_id == parent_id
        if not db.session.scalar(select(func.count()).where(of_it, Job.state.in_(OPEN))):
            _end(parent_id, cancelled)
        elif not cancelled:
            for job_id in _begin(parent_id):
                after_commit(lambda job_id=job_id: ring(job_id))  # type: ignore[misc]


def go_on_with_all() -> None:
    """The same for every parent, in case whoever ended a part died before he came to it."""
    with transaction():
        open_parents = select(Job.id).where(
            Job.kind.in_(PARENTS), Job.state == JobState.RUNNING, Job.rung_at < func.now() - RING_AGAIN_AFTER
        )
        found = db.session.scalars(open_parents).all()
    for parent_id in found:
        go_on(parent_id)


def ring(job_id: UUID) -> None:
    """Send the message of a job; the sweep does it as soon as a broker that is away is back."""
    try:
        task_queue.send_job(str(job_id))
    except Unavailable:
        return


def _begin(parent_id: UUID) -> Sequence[UUID]:
    """Take the next parts, within the current transaction."""
    of_it = Job.parent_id == parent_id
    at_work = db.session.scalar(select(func.count()).where(of_it, Job.state.in_(OPEN), Job.rung_at.is_not(None)))
    waiting = select(Job.id).where(of_it, Job.state == JobState.QUEUED, Job.rung_at.is_(None))
    free = max(settings().deploys_at_once - (at_work or 0), 0)
    chosen = waiting.order_by(Job.created_at, Job.id).limit(free)
    limit = TIME_LIMIT[JobKind.DEPLOY]
    begun = update(Job).where(Job.id.in_(chosen)).values(rung_at=func.now(), deadline=func.now() + limit)
    rows = db.session.execute(begun.returning(Job.created_at, Job.id)).all()
    return [job_id for _, job_id in sorted(rows, key=tuple)]


def _end(parent_id: UUID, cancelled: bool) -> None:
    """End a parent whose parts have ended, within the current transaction."""
    columns = (Job.id, Job.node_id, Job.target["host"].astext.label("host"), Job.state, Job.code, Job.message)
    rows = db.session.execute(
        select(*columns).where(Job.parent_id == parent_id, Job.state.in_(ENDED)).order_by(Job.created_at, Job.id)
    )
    outcome = summary([_part_end(row) for row in rows], cancelled)
    state = JobState.SUCCEEDED if outcome.ok else JobState.CANCELLED if cancelled else JobState.FAILED
    said = {"code": outcome.code, "message": outcome.message, "advice": outcome.advice, "result": outcome.details}
    db.session.execute(update(Job).where(Job.id == parent_id).values(state=state, finished_at=func.now(), **said))


def _part_end(row: Any) -> PartEnd:
    name = row.node_id or row.host
    return PartEnd(str(row.id), name, JobState(row.state), row.code or "", row.message or "")
