"""What agents report about themselves."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.models import AgentActivity
from app.services.transaction import transaction


@dataclass(frozen=True)
class Activity:
    """One status message of an agent."""

    agent_id: str
    status: str
    active_sessions: int = 0
    clocked_in: bool = False
    current_activity: str | None = None


def record_activity(activity: Activity) -> None:
    """Keep the newest message of an agent."""
    values = {
        "status": activity.status,
        "active_sessions": activity.active_sessions,
        "clocked_in": activity.clocked_in,
        "current_activity": activity.current_activity,
        "reported_at": func.now(),
    }
    statement = insert(AgentActivity).values(agent_id=activity.agent_id, **values)
    with transaction():
        db.session.execute(statement.on_conflict_do_update(index_elements=[AgentActivity.agent_id], set_=values))
