"""Agents: register, read, change, adopt, remove."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.agents.blueprint import AgentBlueprint
from app.api.agents.wire import agent_wire, details_wire, placement_wire
from app.api.json_response import json_response, json_with_etag
from app.api.schemas.action import RemovedSchema
from app.api.schemas.agent import AgentRowSchema, AgentWithHistorySchema, PlacedAgentSchema
from app.api.schemas.agent_spec import ChangeAgentSchema, NewAgentSchema
from app.domain.identity.permissions import Policy, allow
from app.services import agents

bp = AgentBlueprint("registering", __name__, description="Agents")


@bp.route("/agents", methods=["POST"])
@bp.arguments(NewAgentSchema)
@bp.alt_response(201, schema=PlacedAgentSchema)
@allow(Policy.OPERATOR)
def register(said: dict[str, Any]) -> Response:
    """Make an agent and place it: on the node that is named, or else on the best one."""
    made, decision = agents.register(auth.actor(), said["spec"], said["node_id"])
    return json_response({**agent_wire(made), "placement": placement_wire(decision)}, 201)


@bp.route("/agents/<agent_id>", methods=["GET"])
@bp.alt_response(200, schema=AgentWithHistorySchema)
@allow(Policy.VIEWER)
def get_agent(agent_id: str) -> Response:
    """One agent: what it should be, where it is seen, and what happened to it."""
    return json_with_etag(details_wire(agents.get_agent(agent_id)))


@bp.route("/agents/<agent_id>", methods=["PATCH"])
@bp.arguments(ChangeAgentSchema)
@bp.alt_response(200, schema=AgentRowSchema)
@allow(Policy.OPERATOR)
def change(said: dict[str, Any], agent_id: str) -> Response:
    """Change what an agent should be; what is left out stays as it is."""
    return json_response(agent_wire(agents.change(auth.actor(), agent_id, said)))


@bp.route("/agents/<agent_id>", methods=["DELETE"])
@bp.alt_response(200, schema=RemovedSchema)
@allow(Policy.OPERATOR)
def remove(agent_id: str) -> Response:
    """Forget an agent; its node stops it."""
    agents.remove(auth.actor(), agent_id)
    return json_response({"removed": True})


@bp.route("/agents/<agent_id>/adopt", methods=["POST"])
@bp.alt_response(201, schema=AgentRowSchema)
@allow(Policy.OPERATOR)
def adopt(agent_id: str) -> Response:
    """Take over an agent that is only seen: it stays where and as it is, and can be acted on from now on."""
    return json_response(agent_wire(agents.adopt(auth.actor(), agent_id)), 201)
