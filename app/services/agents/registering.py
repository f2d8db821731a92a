"""Make agents, change what they should be, and take over those that are only seen."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func

from app.domain.agents.errors import AgentExists, AgentNotFound
from app.domain.agents.spec import AgentSpec, Needs, Origin
from app.domain.identity.actor import Actor
from app.domain.placement import Decision
from app.extensions import db
from app.models import AgentRow
from app.services import audit, placement
from app.services.agents import environment, history, nudging, placing
from app.services.agents.reading import AgentView, read
from app.services.agents.seeing import where_seen
from app.services.transaction import transaction

LONGEST = 128  # characters of a name or a role
NEEDS = ("capabilities", "memory_mb", "cpu_weight", "labels")


def register(by: Actor, spec: AgentSpec, node_id: str | None = None) -> tuple[AgentView, Decision]:
    """Make an agent, and reserve what it needs on the best node or on this one.

    Raises AgentExists, NodeNotFound, NoRoomForAgent, or NotConfigured for an environment without a SECRET_KEY.
    """
    with transaction() as after_commit:
        placement.take_turn()
        if db.session.get(AgentRow, spec.agent_id) is not None:
            raise AgentExists(spec.agent_id)
        decision = placing.decide(spec.needs, spec.role, spec.agent_id, node_id)
        row = AgentRow(**_stored(spec), node_id=decision.node_id, epoch=1, placed_at=func.now(), created_by=by.name)
        db.session.add(row)
        db.session.flush()
        placement.note_changes(db.session.connection(), [row.agent_id], [row.node_id], placed=True)
        history.note(
            db.session.connection(),
            row.agent_id,
            "registered",
            row.node_id,
            f"Registered by {by.name}, placed on {row.node_id}",
        )
        audit.record(by, "agent.register", row.agent_id, detail={"node": row.node_id})
        made = read(row.agent_id)
        after_commit(lambda: nudging.nudge(decision.node_id))
    return made, decision


def change(by: Actor, agent_id: str, said: Mapping[str, Any]) -> AgentView:
    """Change what an agent should be; what is left out stays as it is. Raises AgentNotFound or NotConfigured."""
    with transaction() as after_commit:
        placement.take_turn()
        row = lock(agent_id)
        for key, value in _columns(agent_id, said).items():
            setattr(row, key, value)
        db.session.flush()
        lease = not said.keys().isdisjoint({"on_node_loss", "lease_seconds"})
        placement.note_changes(db.session.connection(), [agent_id], [row.node_id, row.moving_to], lease=lease)
        history.note(
            db.session.connection(), agent_id, "changed", row.node_id, f"{by.name} changed {', '.join(sorted(said))}"
        )
        audit.record(by, "agent.change", agent_id, detail={"changed": sorted(said)})
        changed = read(agent_id)
        after_commit(lambda: nudging.nudge(changed.node_id))
    return changed


def remove(by: Actor, agent_id: str) -> None:
    """Forget an agent: its node stops it as soon as it hears of it. Raises AgentNotFound."""
    with transaction() as after_commit:
        placement.take_turn()
        row = lock(agent_id)
        node_id, places = row.node_id, [row.node_id, row.moving_to]
        db.session.delete(row)
        db.session.flush()
        placement.note_changes(db.session.connection(), [], places)
        history.note(db.session.connection(), agent_id, "removed", node_id, f"Removed by {by.name}")
        audit.record(by, "agent.remove", agent_id, detail={"node": node_id})
        after_commit(lambda: nudging.nudge(node_id))


def adopt(by: Actor, agent_id: str) -> AgentView:
    """Make a row for an agent that is only seen: it stays where it is, as it is, and can be acted on from now on.

    Raises AgentExists, AgentNotFound when no node that is up reports it, or AgentNotAdoptable.
    """
    with transaction() as after_commit:
        placement.take_turn()
        if db.session.get(AgentRow, agent_id) is not None:
            raise AgentExists(agent_id)
        node, report = where_seen(agent_id)
        row = AgentRow(agent_id=agent_id, node_id=node.node_id, origin=Origin.ADOPTED, created_by=by.name)
        row.name, row.role = str(report.get("name") or "")[:LONGEST], (report.get("role") or "")[:LONGEST] or None
        row.placed_at = row.settled_at = func.now()
        db.session.add(row)
        db.session.flush()
        placement.note_changes(db.session.connection(), [agent_id], [node.node_id], lease=True)
        history.note(db.session.connection(), agent_id, "adopted", node.node_id, f"Adopted by {by.name}")
        audit.record(by, "agent.adopt", agent_id, detail={"node": node.node_id})
        made = read(agent_id)
        after_commit(lambda: nudging.nudge(node.node_id))
    return made


def lock(agent_id: str) -> AgentRow:
    """An agent's row, for us alone until the end of the transaction. Raises AgentNotFound."""
    row = db.session.get(AgentRow, agent_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise AgentNotFound
    return row


def _stored(spec: AgentSpec) -> dict[str, Any]:
    return _columns(spec.agent_id, {name: getattr(spec, name) for name in spec.__dataclass_fields__})


def _columns(agent_id: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The words of the domain as columns."""
    columns = dict(said)
    if "needs" in columns:
        needs: Needs = columns.pop("needs")
        columns |= {key: getattr(needs, key) for key in NEEDS}
        columns["capabilities"], columns["labels"] = sorted(needs.capabilities), dict(needs.labels)
    if "env" in columns:
        env = columns["env"]
        columns |= {"env": environment.closed(agent_id, env), "env_names": sorted(env)}
    for key in ("tags", "command"):
        if columns.get(key) is not None:
            columns[key] = list(columns[key])
    return columns
