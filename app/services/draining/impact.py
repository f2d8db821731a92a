"""What a step that takes a node out of use would hit: asked for before it is taken, and nothing is changed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.domain.agents.spec import OnNodeLoss, Origin, Wanted
from app.domain.errors import NodeNotFound
from app.domain.nodes.node import is_absent
from app.domain.placement import Demand, NoCapacity
from app.domain.upkeep.impact import Blow, Fate, Target, moved, unmoved
from app.extensions import db
from app.models import AgentRow, NodeRow
from app.services.agents.reading import needs_of
from app.services.placement import Rehearsal
from app.services.transaction import transaction


@dataclass(frozen=True)
class Hit:
    """An agent that would be hit, and what would become of it."""

    agent_id: str
    name: str
    fate: Fate


def impact(node_id: str, blow: Blow) -> list[Hit]:
    """Every agent of the node, by id. Raises NodeNotFound."""
    with transaction():
        reports = db.session.scalar(select(NodeRow.agent_reports).where(NodeRow.node_id == node_id))
        if reports is None:
            raise NodeNotFound
        chosen = select(AgentRow).where(AgentRow.node_id == node_id).execution_options(populate_existing=True)
        rows = {row.agent_id: row for row in db.session.scalars(chosen)}
        rehearsal = Rehearsal(node_id)
        present = {agent for agent, report in reports.items() if agent in rows or not is_absent(report)}
        hit = sorted(present if blow is Blow.RESTART else {*present, *rows})
        return [_hit(agent_id, rows.get(agent_id), reports.get(agent_id, {}), blow, rehearsal) for agent_id in hit]


def target_of(agent_id: str, row: AgentRow | None) -> Target:
    """What the fate of an agent depends on; without a row nobody registered it."""
    if row is None:
        return Target(agent_id, False, False, False, Wanted.RUNNING, OnNodeLoss.STAY, 0)
    known = row.origin != Origin.ADOPTED or row.command is not None
    policy = OnNodeLoss(row.on_node_loss)
    return Target(agent_id, True, known, row.may_overlap, Wanted(row.wanted), policy, row.lease_seconds)


def _hit(agent_id: str, row: AgentRow | None, report: dict[str, Any], blow: Blow, rehearsal: Rehearsal) -> Hit:
    name = (row.name if row else "") or report.get("name") or agent_id
    return Hit(agent_id, name, _fate(target_of(agent_id, row), row, blow, rehearsal))


def _fate(target: Target, row: AgentRow | None, blow: Blow, rehearsal: Rehearsal) -> Fate:
    stays = unmoved(blow, target)
    if stays is not None or row is None:
        return Fate(stays or "")
    needs = needs_of(row)
    demand = Demand(needs.capabilities, needs.memory_mb, needs.cpu_weight, needs.labels, assigned=True)
    try:
        goes_to = rehearsal.choose(demand, row.role, row.agent_id).node_id
    except NoCapacity as refusal:
        return Fate(f"fits nowhere: {refusal}", fits_nowhere=True)
    return Fate(moved(blow, target, goes_to), goes_to)
