"""What happened to an agent."""

from sqlalchemy import select

from app.extensions import db
from app.models import AgentEvent


def note(agent_id: str, kind: str, node_id: str | None, message: str) -> None:
    """Add a line, within the current transaction."""
    db.session.add(AgentEvent(agent_id=agent_id, kind=kind, node_id=node_id, message=message))


def newest(agent_id: str, count: int = 50) -> list[AgentEvent]:
    """The newest lines, newest first, within the current transaction."""
    chosen = select(AgentEvent).where(AgentEvent.agent_id == agent_id).order_by(AgentEvent.id.desc())
    return list(db.session.scalars(chosen.limit(count)))
