"""What agents report about themselves."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.errors import NotPermitted
from app.domain.identity.actor import Actor, ActorKind
from app.extensions import db, settings
from app.models import AgentActivity, NodeRow
from app.services.transaction import transaction


@dataclass(frozen=True)
class Activity:
    """One status message of an agent."""

    agent_id: str
    status: str
    active_sessions: int = 0
    clocked_in: bool = False
    current_activity: str | None = None


def record_activity(by: Actor, activity: Activity) -> None:
    """Keep the newest message of an agent. Raises NotPermitted when it is at work on another node that is alive."""
    values = {
        "status": activity.status,
        "active_sessions": activity.active_sessions,
        "clocked_in": activity.clocked_in,
        "current_activity": activity.current_activity,
        "reported_at": func.now(),
    }
    statement = insert(AgentActivity).values(agent_id=activity.agent_id, **values)
    with transaction():
        if by.kind is ActorKind.NODE and _is_elsewhere(activity.agent_id, by.id):
            raise NotPermitted(f"{activity.agent_id} is an agent of another node")
        db.session.execute(statement.on_conflict_do_update(index_elements=[AgentActivity.agent_id], set_=values))


def _is_elsewhere(agent_id: str, node_id: str) -> bool:
    alive = NodeRow.last_heartbeat > func.now() - settings().offline_after
    nodes = db.session.scalars(select(NodeRow.node_id).where(NodeRow.agent_reports.has_key(agent_id), alive)).all()
    return bool(nodes) and node_id not in nodes
