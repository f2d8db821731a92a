"""Where an agent is seen now."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.domain.agents.errors import AgentNotAdoptable, AgentNotFound
from app.domain.nodes.node import Node
from app.extensions import db
from app.models import NodeRow
from app.services.node_view import Moment


def where_seen(agent_id: str) -> tuple[Node, Mapping[str, Any]]:
    """The one node that is up and reports the agent, with its report, within the current transaction.

    Raises AgentNotFound when there is none, AgentNotAdoptable when there are several.
    """
    moment = Moment.read()
    rows = db.session.scalars(select(NodeRow).where(NodeRow.agent_reports.has_key(agent_id)))
    seen = [(node, row.agent_reports[agent_id]) for row in rows if (node := moment.view(row)).is_up]
    if not seen:
        raise AgentNotFound("No node that is up reports this agent")
    if len(seen) > 1:
        names = ", ".join(node.node_id for node, _ in seen)
        raise AgentNotAdoptable(f"{agent_id} is reported by more than one node ({names}): stop all but one first")
    return seen[0]
