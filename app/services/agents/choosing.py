"""Which agents are meant: by their ids, all of a node, or all that match a filter."""

from collections.abc import Sequence

from sqlalchemy import select

from app.domain.agents.agent import AGENTS
from app.domain.errors import InvalidInput, NodeNotFound
from app.extensions import db
from app.models import AgentRow, NodeRow
from app.services.transaction import transaction
from app.services.watching.agents import list_agents

MOST = 500


def chosen(agent_ids: Sequence[str] | None, node_id: str | None, q: str | None) -> list[str]:
    """Ids of agents, each once. Raises NodeNotFound, QueryError, or InvalidInput when they are too many."""
    found = agent_ids or (_of_node(node_id) if node_id else _matching(q or ""))
    if len(found) > MOST:
        raise InvalidInput(f"That are {len(found)} agents: choose at most {MOST} at once")
    return list(dict.fromkeys(found))


def _of_node(node_id: str) -> list[str]:
    with transaction():
        seen = db.session.scalar(select(NodeRow.agent_reports).where(NodeRow.node_id == node_id))
        if seen is None:
            raise NodeNotFound
        placed = db.session.scalars(select(AgentRow.agent_id).where(AgentRow.node_id == node_id))
        return sorted({*seen, *placed})


def _matching(q: str) -> list[str]:
    wanted = AGENTS.parse(q)
    return sorted(agent.agent_id for agent in list_agents() if wanted.matches(agent))
