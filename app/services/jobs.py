"""Jobs: ask for remote work, carry it out in a Celery worker, wait for it, and make sure that it ends."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from app.domain.errors import JobNotFound, NodeNotFound, Unavailable
from app.domain.jobs import ENDED, OPEN, TIME_LIMIT, JobKind, JobState, Outcome
from app.extensions import db
from app.gateways import task_queue
from app.models import Job, NodeCommand, NodeRow
from app.services import job_actions
from app.services.transaction import transaction

NO_ANSWER = "No end was reported in time: the node may be offline, or a Celery worker died. Try again."
FIRST_LOOK, LONGEST_PAUSE = 0.02, 0.25  # seconds between looks at a job that somebody waits for


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

    @property
    def ended(self) -> bool:
        """Whether nothing more will change."""
        return self.state in ENDED


def request_test(host: str, port: int) -> UUID:
    """Ask for a connection test of an address that need not be a node yet."""
    return _request(JobKind.TEST_CONNECTION, None, {"host": host, "port": port})


def request_ping(node_id: str) -> UUID:
    """Ask for a ping of a node. Raises NodeNotFound."""
    return _request(JobKind.PING, node_id, _address(node_id))


def request_restart(node_id: str) -> UUID:
    """Ask for a restart of all agents of a node. Raises NodeNotFound."""
    return _request(JobKind.RESTART_AGENTS, node_id, _address(node_id))


def get_job(job_id: UUID) -> JobView:
    """One job. Raises JobNotFound."""
    with transaction():
        job = db.session.get(Job, job_id, populate_existing=True)
        if job is None:
            raise JobNotFound
        return _view(job)


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


def run_job(job_id: UUID) -> None:
    """Carry out a queued job. A second call for the same one does nothing."""
    job = _claim(job_id)
    if job is None:
        return
    try:
        outcome = job_actions.perform(job.kind, job_id, job.node_id, job.target, job.deadline)
    except Exception:  # whatever it was, nobody shall wait until the deadline for a job that is over
        _finish(
            job_id, Outcome(False, "internal_error", "The job failed unexpectedly; the control plane's log says how")
        )
        raise
    if outcome is not None:
        _finish(job_id, outcome)


def end_overdue_jobs() -> int:
    """Fail every job whose deadline has passed, with its commands, so that each one ends. Returns how many."""
    with transaction():
        ended = db.session.scalars(
            update(Job)
            .where(Job.state.in_(OPEN), Job.deadline < func.now())
            .values(state=JobState.FAILED, code="no_answer", message=NO_ANSWER, finished_at=func.now())
            .returning(Job.id)
        ).all()
        db.session.execute(
            update(NodeCommand)
            .where(NodeCommand.finished_at.is_(None), NodeCommand.expires_at < func.now())
            .values(finished_at=func.now(), ok=False, message=NO_ANSWER)
        )
    return len(ended)


def _request(kind: JobKind, node_id: str | None, target: dict[str, Any]) -> UUID:
    job_id = uuid4()
    with transaction():
        db.session.add(
            Job(id=job_id, kind=kind, node_id=node_id, target=target, deadline=func.now() + TIME_LIMIT[kind])
        )
    try:
        task_queue.send_job(str(job_id))
    except Unavailable as failure:
        # Somebody waits for this one: better a clear no than a job that starts minutes later.
        _finish(job_id, Outcome(False, failure.code, str(failure)))
    return job_id


def _address(node_id: str) -> dict[str, Any]:
    with transaction():
        columns = select(NodeRow.host, NodeRow.port, NodeRow.managed).where(NodeRow.node_id == node_id)
        row = db.session.execute(columns).one_or_none()
    if row is None:
        raise NodeNotFound
    return {"host": row.host, "port": row.port, "managed": row.managed}


def _claim(job_id: UUID) -> Job | None:
    with transaction():
        claim = (
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.QUEUED, Job.deadline > func.now())
            .values(state=JobState.RUNNING, started_at=func.now())
            .returning(Job)
        )
        job = db.session.scalars(claim).one_or_none()
        if job is not None:
            db.session.expunge(job)
        return job


def _finish(job_id: UUID, outcome: Outcome) -> None:
    state = JobState.SUCCEEDED if outcome.ok else JobState.FAILED
    with transaction():
        db.session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state.in_(OPEN))
            .values(
                state=state,
                code=outcome.code,
                message=outcome.message,
                result=outcome.details,
                finished_at=func.now(),
            )
        )


def _view(job: Job) -> JobView:
    return JobView(
        id=job.id,
        kind=JobKind(job.kind),
        state=JobState(job.state),
        node_id=job.node_id,
        created_at=job.created_at,
        finished_at=job.finished_at,
        code=job.code,
        message=job.message,
        result=job.result,
    )
