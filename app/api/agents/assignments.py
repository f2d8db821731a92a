"""What a node should run, for its daemon."""

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.agent import AssignmentsSchema
from app.domain.agents.spec import Assignment
from app.domain.identity.actor import ActorKind
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import Json
from app.extensions import settings
from app.services import agents

bp = JsonBlueprint("assignments", __name__, description="Agents")


@bp.route("/nodes/<node_id>/assignments", methods=["GET"])
@bp.alt_response(200, schema=AssignmentsSchema)
@allow(Policy.NODE, Policy.OPERATOR)
def assignments(node_id: str) -> Response:
    """All that a node should run. Values of environment variables are for the node alone."""
    # With sign-in off a daemon is nobody in particular.
    with_env = auth.actor().kind is ActorKind.NODE or not settings().cluster_auth
    found = agents.assignments_of(node_id, with_env)
    shown = [_wire(one) for one in found.agents]
    return json_response({"revision": found.revision, "agents": shown, **found.paused})


def _wire(one: Assignment) -> Json:
    return {
        "agentId": one.agent_id,
        "name": one.name,
        "role": one.role,
        "command": one.command,
        "env": one.env,
        "wanted": one.wanted,
        "epoch": one.epoch,
        "onNodeLoss": one.on_node_loss,
        "leaseSeconds": one.lease_seconds,
        "memoryWarnMb": one.memory_warn_mb,
        "memoryLimitMb": one.memory_limit_mb,
    }
