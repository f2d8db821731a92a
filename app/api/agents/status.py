"""What existing agents post about themselves."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.action import ActivitySchema, OkSchema
from app.domain.errors import InvalidInput
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.heartbeat import AGENT_ID
from app.services import agents
from app.services.agents import Activity

bp = JsonBlueprint("agents", __name__, url_prefix="/api/engine", description="Agents")


@bp.route("/agent-status/<agent_id>", methods=["POST"])
@bp.arguments(ActivitySchema)
@bp.alt_response(200, schema=OkSchema)
@allow(Policy.NODE)
def agent_status(said: dict[str, Any], agent_id: str) -> Response:
    """Keep the newest status of an agent."""
    if not AGENT_ID(agent_id):
        raise InvalidInput("An agent id has 1-128 letters, digits and . _ : @ -")
    agents.record_activity(auth.actor(), Activity(agent_id, **said))
    return json_response({"ok": True})
