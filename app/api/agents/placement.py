"""Which node an agent should go to."""

from flask import Response, request

from app.api.agents.wire import decision_wire
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.agent import BestNodeSchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import to_wire
from app.domain.nodes.registration import split_capabilities
from app.services import placement

bp = JsonBlueprint("placement", __name__, description="Placement")


@bp.route("/best-node", methods=["GET"])
@bp.doc(parameters=[{"in": "query", "name": "capabilities", "schema": {"type": "string"}, "example": "voice,browser"}])
@bp.alt_response(200, schema=BestNodeSchema)
@allow(Policy.VIEWER)
def best_node() -> Response:
    """The least loaded node that has all wanted capabilities."""
    wanted = split_capabilities(request.args.getlist("capabilities"))
    best = placement.best_node(frozenset(wanted))
    return json_response({**to_wire(best.node), **decision_wire(best.decision)})
