"""Take a node out of use: cordon, drain, and what a step would hit."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.draining import NewCordonSchema
from app.api.schemas.node import NodeSchema
from app.domain.node import to_wire
from app.domain.permissions import Policy, allow
from app.services import draining

bp = JsonBlueprint("draining", __name__, description="Take nodes out of use")


@bp.route("/nodes/<node_id>/cordon", methods=["POST"])
@bp.arguments(NewCordonSchema)
@bp.alt_response(200, schema=NodeSchema)
@allow(Policy.OPERATOR)
def cordon(said: dict[str, Any], node_id: str) -> Response:
    """Let a node take no new agents; those that are there stay."""
    return json_response(to_wire(draining.cordon(auth.actor(), node_id, said["note"], said["until"])))


@bp.route("/nodes/<node_id>/cordon", methods=["DELETE"])
@bp.alt_response(200, schema=NodeSchema)
@allow(Policy.OPERATOR)
def uncordon(node_id: str) -> Response:
    """Let it take agents again."""
    return json_response(to_wire(draining.uncordon(auth.actor(), node_id)))
