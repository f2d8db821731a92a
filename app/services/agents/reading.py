"""Read one agent: what it should be, where it is seen, and what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.agents.agent import Agent, Said, agents_of
from app.domain.agents.errors import AgentNotFound
from app.domain.agents.spec import Needs, OnNodeLoss, Origin, Wanted
from app.extensions import db
from app.models import AgentActivity, AgentRow, NodeRow
from app.services.agents import history
from app.services.node_view import Moment
from app.services.transaction import transaction
from app.services.watching.agents import should


@dataclass(frozen=True)
class AgentView:
    """What an agent should be. Names of its environment only: the values are for its node."""

    agent_id: str
    name: str
    role: str | None
    origin: Origin
    command: tuple[str, ...] | None
    env_names: tuple[str, ...]
    needs: Needs
    tags: tuple[str, ...]
    on_node_loss: OnNodeLoss
    lease_seconds: int
    may_overlap: bool
    memory_warn_mb: int | None
    memory_limit_mb: int | None
    wanted: Wanted
    node_id: str | None
    moving_to: str | None
    epoch: int
    placed_at: datetime | None
    changed_at: datetime
    created_at: datetime
    created_by: str


@dataclass(frozen=True)
class EventView:
    """One line of an agent's history."""

    id: int
    at: datetime
    kind: str
    node_id: str | None
    message: str


@dataclass(frozen=True)
class AgentDetails:
    """An agent with all that is known; `row` None: nobody registered or adopted it."""

    agent_id: str
    row: AgentView | None
    seen: tuple[Agent, ...]
    reports: Mapping[str, Mapping[str, Any]]  # by node id
    events: tuple[EventView, ...]


def get_agent(agent_id: str) -> AgentDetails:
    """One agent. Raises AgentNotFound when nobody ever heard of it."""
    with transaction():
        row = db.session.get(AgentRow, agent_id, populate_existing=True)
        activity = db.session.get(AgentActivity, agent_id, populate_existing=True)
        said = {agent_id: Said(activity.status, activity.current_activity)} if activity else {}
        moment, seen, reports = Moment.read(), [], {}
        for node in db.session.scalars(select(NodeRow).where(NodeRow.agent_reports.has_key(agent_id))):
            told = {agent_id: node.agent_reports[agent_id]}
            seen += agents_of(moment.view(node), told, said, {agent_id: should(row)} if row else {})
            reports[node.node_id] = node.agent_reports[agent_id]
        events = tuple(EventView(e.id, e.at, e.kind, e.node_id, e.message) for e in history.newest(agent_id))
        if row is None and not seen and not events:
            raise AgentNotFound
        return AgentDetails(agent_id, _view(row) if row else None, tuple(seen), reports, events)


def read(agent_id: str) -> AgentView:
    """What an agent should be, within the current transaction. Raises AgentNotFound."""
    row = db.session.get(AgentRow, agent_id, populate_existing=True)
    if row is None:
        raise AgentNotFound
    return _view(row)


def needs_of(row: AgentRow) -> Needs:
    """What the agent needs of a node."""
    return Needs(frozenset(row.capabilities), row.memory_mb, row.cpu_weight, row.labels)


def _view(row: AgentRow) -> AgentView:
    same = ("agent_id", "name", "role", "lease_seconds", "may_overlap", "memory_warn_mb", "memory_limit_mb", "node_id")
    times = ("moving_to", "epoch", "placed_at", "changed_at", "created_at", "created_by")
    return AgentView(
        origin=Origin(row.origin),
        command=None if row.command is None else tuple(row.command),
        env_names=tuple(row.env_names),
        needs=needs_of(row),
        tags=tuple(row.tags),
        on_node_loss=OnNodeLoss(row.on_node_loss),
        wanted=Wanted(row.wanted),
        **{name: getattr(row, name) for name in (*same, *times)},
    )
