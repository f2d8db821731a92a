"""What a node should run, as its daemon fetches it."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from app.domain.agents.errors import NodeNotManaged
from app.domain.agents.spec import Assignment, OnNodeLoss, Origin, Place, Wanted, command_for
from app.domain.errors import NodeNotFound
from app.domain.nodes.node import Json
from app.domain.upkeep.brake import paused
from app.extensions import db, settings
from app.models import AgentRow, NodeRow
from app.services.agents import braking, environment
from app.services.transaction import transaction


@dataclass(frozen=True)
class Assigned:
    """All that a node should run, and the number of that list."""

    revision: int
    agents: tuple[Assignment, ...]
    paused: Json  # what the fleet brake holds, as it is told


def assignments_of(node_id: str, with_env: bool) -> Assigned:
    """What a node should run; without `with_env` only the names of environment variables.

    Raises NodeNotFound, NodeNotManaged, or NotConfigured without the key that sealed an environment.
    """
    with transaction():
        # The number first: a change in between makes the daemon fetch the list again, never miss it.
        node = db.session.execute(select(NodeRow.managed, NodeRow.assignments_revision).filter_by(node_id=node_id))
        found = node.one_or_none()
        if found is None:
            raise NodeNotFound
        if not found.managed:
            raise NodeNotManaged(node_id)
        here = or_(AgentRow.node_id == node_id, AgentRow.moving_to == node_id)
        rows = db.session.scalars(select(AgentRow).where(here).order_by(AgentRow.agent_id)).all()
        told = paused(braking.current(), {row.agent_id: row.tags for row in rows})
        agents = tuple(one for row in rows if (one := _assignment(row, node_id, with_env)))
    return Assigned(found.assignments_revision, agents, told)


def _assignment(row: AgentRow, node_id: str, with_env: bool) -> Assignment | None:
    copy = Place(row.node_id, row.moving_to, row.may_overlap, Wanted(row.wanted), row.epoch).copy_on(node_id)
    if copy is None:
        return None
    command = None if row.command is None else tuple(row.command)
    return Assignment(
        agent_id=row.agent_id,
        name=row.name,
        role=row.role,
        command=command_for(row.agent_id, command, Origin(row.origin), settings().agent_command),
        env=environment.opened(row) if with_env else dict.fromkeys(row.env_names),
        wanted=copy[0],
        epoch=copy[1],
        on_node_loss=OnNodeLoss(row.on_node_loss),
        lease_seconds=row.lease_seconds,
        memory_warn_mb=row.memory_warn_mb,
        memory_limit_mb=row.memory_limit_mb,
    )
