"""The parts of a job that stands for many, as they are now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from app.domain.jobs import JobState, StepState
from app.extensions import db
from app.models import Job, JobStep


@dataclass(frozen=True)
class PartView:
    """A part and how far it is. `step` is the title of the one that runs or failed, "" if none."""

    id: UUID
    node_id: str | None
    agent_id: str | None
    target: dict[str, Any]
    state: JobState
    code: str | None
    message: str | None
    advice: str
    started_at: datetime | None
    finished_at: datetime | None
    step: str = ""
    steps_over: int = 0
    steps: int = 0


def parts_of(parent_id: UUID) -> tuple[PartView, ...]:
    """The parts of a job in their order, within the current transaction."""
    shown = ("id", "node_id", "agent_id", "target", "state", "code", "message", "advice", "started_at", "finished_at")
    columns = [getattr(Job, name) for name in shown]
    rows = db.session.execute(select(*columns).where(Job.parent_id == parent_id).order_by(Job.created_at, Job.id))
    steps = _steps(parent_id)
    return tuple(PartView(**row._asdict() | {"state": JobState(row.state)}, **steps.get(row.id, {})) for row in rows)


def count_parts(parent_ids: Sequence[UUID]) -> Mapping[UUID | None, Counter[str]]:
    """How many parts of each job are in which state, within the current transaction."""
    found: dict[UUID | None, Counter[str]] = {parent_id: Counter() for parent_id in parent_ids}
    if found:
        counts = select(Job.parent_id, Job.state, func.count()).where(Job.parent_id.in_(parent_ids))
        for parent_id, state, count in db.session.execute(counts.group_by(Job.parent_id, Job.state)):
            found[parent_id][state] = count
    return found


def _steps(parent_id: UUID) -> dict[UUID, dict[str, Any]]:
    over = case((JobStep.state.in_((StepState.SUCCEEDED, StepState.SKIPPED)), 1))
    title = case((JobStep.state.in_((StepState.RUNNING, StepState.FAILED)), JobStep.title))
    counts = (
        select(JobStep.job_id, func.count().label("steps"), func.count(over).label("over"), func.max(title).label("at"))
        .join(Job, Job.id == JobStep.job_id)
        .where(Job.parent_id == parent_id)
        .group_by(JobStep.job_id)
    )
    rows = db.session.execute(counts)
    return {row.job_id: {"step": row.at or "", "steps_over": row.over, "steps": row.steps} for row in rows}
