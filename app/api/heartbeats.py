"""Heartbeats: the route that every node calls every 30 s. What is in good order never comes here: heartbeat_door."""

from flask import Response, request

from app.api.heartbeat_door import FAILURE, accept, answered
from app.api.json_body import JsonBlueprint
from app.api.schemas.action import HeartbeatAnswerSchema, HeartbeatSchema
from app.domain.identity.permissions import Policy, allow

bp = JsonBlueprint("heartbeats", __name__, description="Heartbeats")


@bp.route("/heartbeat/<node_id>", methods=["POST"])
@bp.doc(
    requestBody={"content": {"application/json": {"schema": HeartbeatSchema}}},
    responses={"200": {"description": "OK", "content": {"application/json": {"schema": HeartbeatAnswerSchema}}}},
)
@allow(Policy.NODE_IN_BATCH)
def heartbeat(node_id: str) -> Response:
    """Report for a node. An empty body is valid. The answer sets the pace and may carry commands."""
    if failure := request.environ.get(FAILURE):
        raise failure
    return Response(answered(accept(node_id, request.environ)), mimetype="application/json")
