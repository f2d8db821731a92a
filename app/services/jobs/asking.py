"""Ask for a job, or for its end."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, null, select, update

from app.domain.errors import NodeNotFound, Unavailable
from app.domain.identity.actor import Actor
from app.domain.jobs import (
    LEASED,
    OPEN,
    PARENTS,
    TIME_LIMIT,
    TURN_WITHIN,
    WITHDRAWN,
    JobKind,
    JobState,
    Outcome,
)
from app.extensions import db
from app.gateways import task_queue
from app.models import Job, NodeRow
from app.services import audit, commands
from app.services.jobs.ending import end_cancelled, finish
from app.services.jobs.reading import get_job
from app.services.transaction import transaction


def request_test(host: str, port: int, by: Actor) -> UUID:
    """Ask for a connection test of an address that need not be a node yet."""
    return _request_now(JobKind.TEST_CONNECTION, None, {"host": host, "port": port}, by)


def request_ping(node_id: str, by: Actor) -> UUID:
    """Ask for a ping of a node. Raises NodeNotFound."""
    return _request_now(JobKind.PING, node_id, _address(node_id), by)


def request_restart(node_id: str, by: Actor) -> UUID:
    """Ask for a restart of all agents of a node. Raises NodeNotFound."""
    return _request_now(JobKind.RESTART_AGENTS, node_id, _address(node_id), by)


def cancel(job_id: UUID, by: Actor) -> None:
    """Ask for the end of a job, and of its parts if it stands for many; what no runner will hear of ends at once.

    Asking twice, or later, does nothing.

    Raises JobNotFound.
    """
    get_job(job_id)
    with transaction():
        asked = update(Job).where(Job.state.in_(OPEN), Job.cancel_asked_at.is_(None))
        asked = asked.values(cancel_asked_at=func.now())
        found = db.session.execute(asked.where(Job.id == job_id).returning(Job.state, Job.kind)).one_or_none()
        if found is None:
            return
        if found.kind in PARENTS:
            db.session.execute(asked.where(Job.parent_id == job_id))
        audit.record(by, "job.cancel", str(job_id))
    if found.state == JobState.QUEUED or found.kind in PARENTS:
        end_cancelled(job_id)
    elif found.kind not in LEASED:
        finish(job_id, WITHDRAWN, JobState.CANCELLED)
        commands.withdraw(job_id)


def add(kind: JobKind, node_id: str | None, target: dict[str, Any], by: Actor, parent_id: UUID | None = None) -> Job:
    """A queued job, within the current transaction; whoever calls rings for it after the commit.

    A part of another one waits until `parts.go_on` lets it begin.
    """
    job = Job(id=uuid4(), kind=kind, node_id=node_id, target=target, asked_by=by.name, parent_id=parent_id)
    job.deadline = func.now() + (TURN_WITHIN if parent_id else TIME_LIMIT[kind])
    if parent_id is not None:
        job.rung_at = null()  # None would mean the column's default
        job.created_at = func.clock_timestamp()  # they are added in one transaction, and keep their order
    db.session.add(job)
    if parent_id is None:
        audit.record(by, f"job.{kind}", node_id or target["host"], detail={"jobId": str(job.id)})
    return job


def add_parent(kind: JobKind, about: str, by: Actor, detail: dict[str, Any]) -> UUID:
    """A job that stands for many, within the current transaction; `detail` is for the audit log. Parts come next."""
    job = Job(id=uuid4(), kind=kind, state=JobState.RUNNING, target={"about": about}, asked_by=by.name)
    job.started_at, job.deadline = func.now(), func.now() + TIME_LIMIT[kind]
    db.session.add(job)
    audit.record(by, f"job.{kind}", about, detail={"jobId": str(job.id), **detail})
    return job.id


def _request_now(kind: JobKind, node_id: str | None, target: dict[str, Any], by: Actor) -> UUID:
    with transaction():
        job_id = add(kind, node_id, target, by).id
    try:
        task_queue.send_job(str(job_id))
    except Unavailable as failure:
        # Somebody waits for this one: better a clear no than a job that starts minutes later.
        finish(job_id, Outcome(False, failure.code, str(failure)))
    return job_id


def _address(node_id: str) -> dict[str, Any]:
    with transaction():
        columns = select(NodeRow.host, NodeRow.port, NodeRow.managed).where(NodeRow.node_id == node_id)
        row = db.session.execute(columns).one_or_none()
    if row is None:
        raise NodeNotFound
    return {"host": row.host, "port": row.port, "managed": row.managed}
