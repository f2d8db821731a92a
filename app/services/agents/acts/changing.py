"""What each action changes of what is wanted; whether it was done is for the reports of the node to say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func

from app.domain.agents.actions import Action, Wish
from app.domain.agents.errors import ActionRefused, AgentNotFound
from app.domain.agents.spec import Origin, Wanted
from app.domain.jobs import Step
from app.domain.nodes.node import is_absent
from app.extensions import db
from app.models import AgentRow, NodeRow
from app.services.agents import placing, seeing
from app.services.agents.acts import moving
from app.services.agents.reading import needs_of

RESTART = "restart_agent"  # the command


@dataclass(frozen=True)
class Change:
    """What an action brings about: the node it is about, those to be told of a change, a command, the job's steps."""

    node_id: str
    told: tuple[str, ...] = ()
    command: str | None = None
    steps: tuple[Step, ...] = ()
    target: dict[str, Any] = field(default_factory=dict)
    placed: bool = False  # it was nowhere before


def carry_out(wish: Wish, agent_id: str, row: AgentRow | None) -> Change:
    """Change the row (None: the agent is only seen), within the current transaction.

    Raises AgentNotFound, AgentNotAdoptable, ActionRefused, NodeNotFound or NoRoomForAgent.
    """
    if row is None:
        if wish.action is not Action.RESTART:
            raise AgentNotFound(f"Nobody registered {agent_id}: adopt it, so that it can be acted on")
        node, _ = seeing.where_seen(agent_id)
        return _by_command(node.node_id)
    if wish.action is Action.MOVE:
        return _move(row, wish)
    return _ACTS[wish.action](row)


def _start(row: AgentRow) -> Change:
    if row.node_id is None:
        row.wanted = Wanted.RUNNING
        return _place(row, placing.decide(needs_of(row), row.role, row.agent_id).node_id)
    node = _daemon(row)
    if row.wanted == Wanted.STOPPED:
        placing.expect_room(needs_of(row), node.node_id)
        row.wanted, row.settled_at = Wanted.RUNNING, None
        return Change(node.node_id, (node.node_id,))
    report = node.agent_reports.get(row.agent_id)
    # Its daemon was told to run it, and does not: it gave up, and tries again only when asked.
    given_up = (report is None or is_absent(report)) and (node.assignments_seen or 0) >= row.revision
    return Change(node.node_id, (node.node_id,), RESTART if given_up else None)


def _stop(row: AgentRow) -> Change:
    node = _daemon(row)
    row.wanted = Wanted.STOPPED
    return Change(node.node_id, (node.node_id,))


def _restart(row: AgentRow) -> Change:
    if row.wanted == Wanted.STOPPED:
        raise ActionRefused(f"{row.agent_id} is stopped: start it")
    return _by_command(_daemon(row).node_id)


def _move(row: AgentRow, wish: Wish) -> Change:
    if wish.node_id is not None and wish.node_id == row.node_id:
        raise ActionRefused(f"{row.agent_id} is on {wish.node_id} already")
    if row.origin == Origin.ADOPTED and row.command is None:
        raise ActionRefused(f"{row.agent_id} was adopted, and only its node knows its command: give it one first")
    goes_to = placing.decide(
        needs_of(row), row.role, row.agent_id, wish.node_id, {row.node_id or "", *wish.avoid}
    ).node_id
    if row.node_id is None:
        return _place(row, goes_to)
    _daemon(row)
    row.moving_to = goes_to
    target: dict[str, Any] = {"from": row.node_id, "to": goes_to}
    if wish.start_within is not None:
        target["startWithin"] = wish.start_within.total_seconds()
    return Change(row.node_id, (row.node_id, goes_to), steps=moving.plan(row.may_overlap), target=target)


def _place(row: AgentRow, node_id: str) -> Change:
    row.node_id, row.epoch, row.settled_at, row.placed_at = node_id, row.epoch + 1, None, func.now()
    return Change(node_id, (node_id,), target={"from": None, "to": node_id}, placed=True)


def _by_command(node_id: str) -> Change:
    node = db.session.get(NodeRow, node_id)
    if node is None or not node.managed:
        raise ActionRefused(f"{node_id} has no Muster daemon: only all of its agents can be restarted together")
    return Change(node_id, command=RESTART)


def _daemon(row: AgentRow) -> NodeRow:
    """The agent's node, whose daemon can be told what to run."""
    if row.node_id is None:
        raise ActionRefused(f"{row.agent_id} is placed nowhere: start it, or move it to a node")
    node = db.session.get(NodeRow, row.node_id, populate_existing=True)
    if node is None:
        raise ActionRefused(f"{row.node_id}, the node of {row.agent_id}, was removed: move it to another one")
    if not node.managed or node.assignments_seen is None:
        raise ActionRefused(f"{row.node_id} has no daemon that takes agents: install or upgrade it there")
    return node


_ACTS: dict[Action, Callable[[AgentRow], Change]] = {
    Action.START: _start,
    Action.STOP: _stop,
    Action.RESTART: _restart,
}
