"""Logs of agents: ask for one, and take what nodes send."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.agents.blueprint import AgentBlueprint
from app.api.json_response import json_response
from app.api.schemas.agent_action import AskedSchema
from app.api.schemas.agent_log import LogLinesSchema, LogWishSchema, TakenSchema
from app.domain.identity.permissions import Policy, allow
from app.services import agents

bp = AgentBlueprint("agent-logs", __name__, description="Agents")


@bp.route("/agents/<agent_id>/logs", methods=["POST"])
@bp.arguments(LogWishSchema)
@bp.alt_response(202, schema=AskedSchema)
@allow(Policy.OPERATOR)
def ask_for_log(said: dict[str, Any], agent_id: str) -> Response:
    """Ask for an agent's last lines. They come as the log of the job, without secrets; cancel it to end a live one."""
    job_id = agents.request_logs(auth.actor(), agent_id, said["lines"], said["follow"])
    return json_response({"jobId": job_id}, 202)


@bp.route("/nodes/<node_id>/agent-logs", methods=["POST"])
@bp.arguments(LogLinesSchema)
@bp.alt_response(200, schema=TakenSchema)
@allow(Policy.NODE)
def take_lines(said: dict[str, Any], node_id: str) -> Response:
    """Take lines of an agent from its node; a part that comes twice counts once. The answer says whether to stop."""
    return json_response({"stop": not agents.take(node_id, said["command_id"], said["first"], said["lines"])})
