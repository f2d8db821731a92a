"""The rows of jobs about agents. Nobody runs them: reports of nodes end them, or their deadline does."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, insert, select, text, update

from app.domain.agents.actions import KINDS, REPLACED, Wish
from app.domain.agents.errors import AgentBusy
from app.domain.identity.actor import Actor
from app.domain.jobs import OPEN, TIME_LIMIT, JobKind, JobState, StepState
from app.extensions import db
from app.models import Job, JobStep, NodeCommand, NodeRow
from app.services.agents.acts.changing import Change
from app.services.agents.acts.ending import end
from app.services.node_view import Moment

MARGIN = timedelta(minutes=1)  # that a whole has after its last part
_WATCH = text(
    "UPDATE cluster_nodes SET watched_until = greatest(watched_until,"
    " (SELECT deadline FROM jobs WHERE id = :job_id)) WHERE node_id = ANY(:node_ids)"
)


def make_way(agent_id: str) -> None:
    """End older actions on this agent, within the current transaction. Raises AgentBusy while it moves."""
    of_it = (Job.agent_id == agent_id, Job.state.in_(OPEN), Job.kind.in_(KINDS.values()))
    for job_id, kind in db.session.execute(select(Job.id, Job.kind).where(*of_it)).all():
        if kind == JobKind.MOVE_AGENT:
            busy = AgentBusy(f"{agent_id} is being moved (job {job_id}): wait for it, or cancel it")
            busy.more = {"jobId": str(job_id)}
            raise busy
        end(db.session.connection(), job_id, REPLACED, JobState.CANCELLED)
        left = update(NodeCommand).where(NodeCommand.job_id == job_id, NodeCommand.finished_at.is_(None))
        db.session.execute(left.values(finished_at=func.now(), ok=False, message=REPLACED.message))


def add(by: Actor, agent_id: str, wish: Wish, change: Change, parent_id: UUID | None) -> UUID:
    """The job of one action, with its steps and its command, within the current transaction."""
    kind = KINDS[wish.action]
    limit = wish.within or (TIME_LIMIT[kind] if _is_up(change.node_id) else max(wish.expiry, TIME_LIMIT[kind]))
    job = Job(id=uuid4(), kind=kind, node_id=change.node_id, agent_id=agent_id, **_at_work(by, change.target))
    job.parent_id, job.deadline = parent_id, func.now() + limit
    db.session.add(job)
    db.session.flush()
    steps = [
        {"job_id": job.id, "position": position, "name": step.name, "title": step.title}
        for position, step in enumerate(change.steps)
    ]
    if steps:
        now = {"state": StepState.RUNNING, "started_at": func.now()}
        db.session.execute(insert(JobStep), steps)
        db.session.execute(update(JobStep).where(JobStep.job_id == job.id, JobStep.position == 0).values(**now))
    if change.command:
        command = NodeCommand(id=uuid4(), job_id=job.id, node_id=change.node_id, kind=change.command)
        command.agent_id, command.expires_at = agent_id, func.now() + limit
        db.session.add(command)
        db.session.flush()
    return job.id


def add_whole(by: Actor, job_id: UUID, wish: Wish, agent_ids: Collection[str]) -> None:
    """The job that stands for its parts. It is made after them: whoever finds it finds all of them."""
    latest = select(func.max(Job.deadline)).where(Job.parent_id == job_id).scalar_subquery()
    target = {"action": wish.action, "agents": [{"id": agent_id} for agent_id in agent_ids]}
    job = Job(id=job_id, kind=JobKind.AGENTS, **_at_work(by, target))
    job.deadline = latest + MARGIN
    db.session.add(job)
    db.session.flush()


def watch(connection: Connection, node_ids: Collection[str], job_id: UUID) -> None:
    """Have the next heartbeats of these nodes looked at, and hurried, until the job's deadline."""
    connection.execute(_WATCH, {"job_id": job_id, "node_ids": sorted(node_ids)})


def _at_work(by: Actor, target: dict[str, Any]) -> dict[str, Any]:
    return {"state": JobState.RUNNING, "started_at": func.now(), "target": target, "asked_by": by.name}


def _is_up(node_id: str) -> bool:
    row = db.session.get(NodeRow, node_id, populate_existing=True)
    return row is not None and Moment.read().view(row).is_up
