"""What happened to an agent."""

from sqlalchemy import Connection, insert, select

from app.extensions import db
from app.models import AgentEvent


def note(connection: Connection, agent_id: str, kind: str, node_id: str | None, message: str) -> None:
    """Add a line, within the caller's transaction."""
    values = {"agent_id": agent_id, "kind": kind, "node_id": node_id, "message": message}
    connection.execute(insert(AgentEvent).values(**values))


def newest(agent_id: str, count: int = 50) -> list[AgentEvent]:
    """The newest lines, newest first, within the current transaction."""
    chosen = select(AgentEvent).where(AgentEvent.agent_id == agent_id).order_by(AgentEvent.id.desc())
    return list(db.session.scalars(chosen.limit(count)))
