"""Drain a node: cordon it, and have each of its agents moved away by a job of its own.

The rows say all: whoever comes next goes on with what is left to do, however often, wherever the last one died.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import func, or_, select, text, update

from app.domain.agents.actions import Action, Wish
from app.domain.agents.errors import ActionRefused
from app.domain.errors import MusterError, Unavailable
from app.domain.identity.actor import SYSTEM, Actor
from app.domain.jobs import OPEN, JobKind, JobState
from app.domain.nodes.node import is_absent
from app.domain.upkeep.draining import DrainRunning, Left, start_within, told
from app.domain.upkeep.impact import Blow, unmoved
from app.extensions import db
from app.gateways import task_queue
from app.models import AgentRow, Job, NodeRow
from app.services import audit
from app.services.agents import acts
from app.services.agents.acts import tries
from app.services.agents.acts.ending import end_wholes
from app.services.agents.acts.tries import Again
from app.services.draining.cordoning import announce, lock, put_on
from app.services.draining.impact import target_of
from app.services.node_view import Moment
from app.services.transaction import transaction

# Once, and not in a drain that has ended meanwhile.
_LEAVE = text("""
UPDATE jobs SET result = jsonb_set(result, '{left}', result->'left' || CAST(:left AS jsonb))
WHERE id = :id AND state IN ('queued', 'running') AND NOT result->'left' @> CAST(:about AS jsonb)
""")
MARGIN = timedelta(minutes=1)  # that a drain has after the deadline of its moves, to say how it ended


@dataclass(frozen=True)
class Drain:
    """A drain at work. `ends_at` is when its moves give up."""

    job_id: UUID
    node_id: str
    ends_at: datetime
    now: datetime


def request_drain(by: Actor, node_id: str, within: timedelta, note: str) -> UUID:
    """Cordon a node and move its agents away. Raises NodeNotFound, ActionRefused, DrainRunning."""
    with transaction() as after_commit:
        row = lock(node_id)
        _expect_one_at_a_time(node_id)
        if not row.managed or row.assignments_seen is None:
            raise ActionRefused(f"{node_id} has no daemon that takes agents, so none can be moved: cordon it instead")
        put_on(row, by, note or (row.cordon or {}).get("note") or "Drained", None)
        job = Job(id=uuid4(), kind=JobKind.DRAIN, state=JobState.RUNNING, node_id=node_id, asked_by=by.name)
        job.started_at, job.deadline, job.target = func.now(), func.now() + within + MARGIN, {"about": node_id}
        db.session.add(job)
        db.session.flush()
        seconds = round(within.total_seconds())
        audit.record(by, "node.drain", node_id, detail={"jobId": str(job.id), "seconds": seconds, "note": note})
        job_id, node = job.id, Moment.read().view(row)
        after_commit(lambda: announce(node))
        after_commit(_ring)
    return job_id


def go_on() -> None:
    """Do for every drain what can be done now."""
    for drain in _at_work():
        _go_on(drain)
    with transaction():
        due = tries.due(db.session.connection())
    for again in due:
        _try_again(again)


def _go_on(drain: Drain) -> None:
    left = [Left(agent_id, reason) for agent_id, reason in _unmoved(drain.node_id)]
    for agent_id in _movable(drain):
        try:
            if not _ask(drain, agent_id):
                return  # somebody stopped the drain
        except MusterError as refusal:
            left.append(Left(agent_id, str(refusal)))
    with transaction():
        if drain.now < drain.ends_at and _others_move(drain):
            return  # by jobs that are not ours: look again when they have ended
        # Whoever carried the drain on at the same time may have asked for these, and have said what is left.
        left = [one for one in left if not _times_asked(drain.job_id, one.agent_id)]
        told = {"left": [one.wire() for one in sorted(left, key=lambda one: one.agent_id)]}
        unsaid = (Job.id == drain.job_id, Job.state.in_(OPEN), ~Job.result.has_key("left"))
        db.session.execute(update(Job).where(*unsaid).values(result=told))
        end_wholes(db.session.connection())


def _ask(drain: Drain, agent_id: str) -> bool:
    """Ask for the move of one agent; returns whether the drain is still wanted."""
    if not _is_wanted(drain.job_id):
        return False
    wish = _wish(drain.node_id, drain.ends_at - drain.now, frozenset())
    acts.request(_by(drain.node_id), agent_id, wish, drain.job_id)
    return True


def _try_again(again: Again) -> None:
    """On another node; or not at all any more, if there is none or somebody stopped the drain."""
    if not _is_wanted(again.drain_id):
        return
    wish = _wish(again.stands_on, again.ends_at - again.now, frozenset(again.tried))
    try:
        acts.request(_by(again.leaves), again.agent_id, wish, again.drain_id)
    except MusterError as refusal:
        left = Left(again.agent_id, told(again.tried, f"{again.said}; for another one: {refusal}"))
        with transaction():
            if _times_asked(again.drain_id, again.agent_id) > len(again.tried):
                return  # somebody else was faster
            values = {"left": [left.wire()], "about": [{"agentId": again.agent_id}]}
            told_so = {name: orjson.dumps(value).decode() for name, value in values.items()}
            db.session.execute(_LEAVE, {"id": again.drain_id, **told_so})
            end_wholes(db.session.connection())


def _is_wanted(drain_id: UUID) -> bool:
    with transaction():
        return db.session.scalar(select(Job.state).where(Job.id == drain_id)) in OPEN


def _wish(leaving: str, left: timedelta, tried: frozenset[str]) -> Wish:
    within = max(left, timedelta(seconds=1))
    return Wish(Action.MOVE, leaving=leaving, within=within, avoid=tried, start_within=start_within(within, len(tried)))


def _by(node_id: str) -> Actor:
    return replace(SYSTEM, name=f"the drain of {node_id}")


def _at_work() -> list[Drain]:
    columns = (Job.id, Job.node_id, Job.deadline, func.now().label("now"))
    chosen = select(*columns).where(Job.kind == JobKind.DRAIN, Job.state.in_(OPEN), ~Job.result.has_key("left"))
    with transaction():
        rows = db.session.execute(chosen.order_by(Job.created_at)).all()
    return [Drain(row.id, row.node_id or "", row.deadline - MARGIN, row.now) for row in rows]


def _movable(drain: Drain) -> list[str]:
    with transaction():
        rows = db.session.scalars(select(AgentRow).where(*_here(drain.node_id)).order_by(AgentRow.agent_id)).all()
        return [row.agent_id for row in rows if unmoved(Blow.DRAIN, target_of(row.agent_id, row)) is None]


def _unmoved(node_id: str) -> list[tuple[str, str]]:
    """Agents that nobody but the node itself can start, and what is said about it."""
    with transaction():
        rows = {row.agent_id: row for row in db.session.scalars(select(AgentRow).where(*_here(node_id)))}
        reports: dict[str, Any] = db.session.scalar(select(NodeRow.agent_reports).filter_by(node_id=node_id)) or {}
        known = set(db.session.scalars(select(AgentRow.agent_id).where(AgentRow.agent_id.in_(reports))))
        strange = [agent for agent, report in reports.items() if agent not in known and not is_absent(report)]
        targets = [target_of(agent_id, row) for agent_id, row in rows.items()] + [target_of(a, None) for a in strange]
    return [(one.agent_id, why) for one in targets if (why := unmoved(Blow.DRAIN, one)) is not None]


def _here(node_id: str) -> tuple[Any, ...]:
    return (AgentRow.node_id == node_id, AgentRow.moving_to.is_(None))


def _others_move(drain: Drain) -> bool:
    """Whether agents come to the node or leave it by jobs of somebody else, within the current transaction."""
    touched = or_(AgentRow.node_id == drain.node_id, AgentRow.moving_to == drain.node_id)
    ours = select(Job.agent_id).where(Job.parent_id == drain.job_id)
    moving = select(AgentRow.agent_id).where(touched, AgentRow.moving_to.is_not(None), AgentRow.agent_id.not_in(ours))
    return db.session.scalar(moving.limit(1)) is not None


def _times_asked(drain_id: UUID, agent_id: str) -> int:
    """How often the drain has asked for the move of an agent, within the current transaction."""
    parts = select(func.count()).select_from(Job).where(Job.parent_id == drain_id, Job.agent_id == agent_id)
    return db.session.scalar(parts) or 0


def _expect_one_at_a_time(node_id: str) -> None:
    at_work = select(Job.id).where(Job.kind == JobKind.DRAIN, Job.node_id == node_id, Job.state.in_(OPEN))
    if found := db.session.scalar(at_work.limit(1)):
        raise DrainRunning(node_id, found)


def _ring() -> None:
    try:
        task_queue.send_draining()
    except Unavailable:  # the 15 s check does it
        return
