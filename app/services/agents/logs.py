"""The log of one agent: its node sends lines without secrets, and they become the log of a job."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select, update

from app.domain.agents.errors import ActionRefused
from app.domain.identity.actor import Actor
from app.domain.jobs import LARGEST_LOG, OPEN, TIME_LIMIT, JobKind, JobState
from app.extensions import db
from app.models import AgentRow, Job, JobLogLine, NodeCommand, NodeRow
from app.services import audit
from app.services.agents import nudging, seeing
from app.services.jobs.log import storable
from app.services.node_view import Moment
from app.services.transaction import transaction

FOLLOWED = timedelta(minutes=11)  # a node sends for ten minutes at most
STEP = "agent"  # of each line


def request_logs(by: Actor, agent_id: str, lines: int, follow: bool) -> UUID:
    """Ask for the last lines of an agent, and with `follow` for those that it writes from now on.

    Raises AgentNotFound, AgentNotAdoptable when it is seen on several nodes, or ActionRefused.
    """
    with transaction() as after_commit:
        node_id = _node_of(agent_id)
        target = {"lines": lines, "follow": follow}
        job = Job(id=uuid4(), kind=JobKind.AGENT_LOGS, node_id=node_id, agent_id=agent_id, target=target)
        job.state, job.started_at, job.asked_by = JobState.RUNNING, func.now(), by.name
        limit = FOLLOWED if follow else TIME_LIMIT[JobKind.AGENT_LOGS]
        job.deadline = func.now() + limit
        command = NodeCommand(id=uuid4(), job_id=job.id, node_id=node_id, kind=JobKind.AGENT_LOGS, agent_id=agent_id)
        command.arguments, command.expires_at = {"agentId": agent_id, **target}, func.now() + limit
        db.session.add_all([job, command])
        job_id = job.id
        audit.record(by, "agent.logs", agent_id, detail={"jobId": str(job_id), "node": node_id, "follow": follow})
        after_commit(lambda: nudging.nudge(node_id))
    return job_id


def take(node_id: str, command_id: UUID, first: int, lines: Sequence[str]) -> bool:
    """Add the lines from number `first` (0: the first of all) on, each once. Returns whether more are wanted."""
    with transaction():
        chosen = select(Job).join(NodeCommand, NodeCommand.job_id == Job.id)
        ours = (NodeCommand.id == command_id, NodeCommand.node_id == node_id, NodeCommand.kind == JobKind.AGENT_LOGS)
        wanted = chosen.where(*ours, Job.state.in_(OPEN)).with_for_update(of=Job)
        job = db.session.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()
        if job is None:
            return False
        fresh = lines[max(job.log_lines + job.log_dropped - first, 0) :]
        _add(job, fresh)
        return job.log_size < LARGEST_LOG and not job.log_dropped


def _add(job: Job, lines: Sequence[str]) -> None:
    room = LARGEST_LOG - job.log_size
    kept = [line for line in lines if (room := room - len(line) - 1) >= 0]
    rows = [
        {"job_id": job.id, "number": number, "step": STEP, "text": storable(line)}
        for number, line in enumerate(kept, job.log_lines + 1)
    ]
    if rows:
        db.session.execute(insert(JobLogLine), rows)
    counts = {
        "log_lines": Job.log_lines + len(kept),
        "log_size": Job.log_size + sum(len(line) + 1 for line in kept),
        "log_dropped": Job.log_dropped + len(lines) - len(kept),
    }
    db.session.execute(update(Job).where(Job.id == job.id).values(**counts))
    db.session.refresh(job)


def _node_of(agent_id: str) -> str:
    row = db.session.get(AgentRow, agent_id, populate_existing=True)
    node_id = row.node_id if row is not None and row.node_id else seeing.where_seen(agent_id)[0].node_id
    node = db.session.get(NodeRow, node_id, populate_existing=True)
    if node is None or not node.managed:
        raise ActionRefused(f"{node_id} has no Muster daemon that could send the log of {agent_id}")
    if not Moment.read().view(node).is_up:
        raise ActionRefused(f"{node_id} is offline: the log of {agent_id} can be read when it is back")
    return node_id
