"""The agents of the whole fleet."""

from typing import Any

from flask import Response

from app.api.json_body import JsonBlueprint
from app.api.json_response import json_with_etag
from app.api.page import Pager
from app.api.schemas.watching import AgentsQuerySchema, AgentsSchema
from app.domain.agents.agent import AGENT_ORDERS, AGENTS, to_wire
from app.domain.identity.permissions import Policy, allow
from app.services.watching import agents

bp = JsonBlueprint("fleet-agents", __name__, description="Agents")
PAGER = Pager(AGENTS, AGENT_ORDERS)


@bp.route("/agents", methods=["GET"])
@bp.arguments(AgentsQuerySchema, location="query")
@bp.alt_response(200, schema=AgentsSchema)
@allow(Policy.VIEWER)
def list_agents(wanted: dict[str, Any]) -> Response:
    """The agents of all nodes, the worst first; on a node that is offline their state is unknown."""
    chosen = PAGER.page(agents.list_agents(), wanted["q"], wanted["sort"], wanted["limit"], wanted["cursor"])
    shown = [to_wire(agent) for agent in chosen.items]
    return json_with_etag({"agents": shown, "matched": chosen.matched, "nextCursor": chosen.next_cursor})
