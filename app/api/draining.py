"""Take a node out of use: cordon, drain, and what a step would hit."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.agent_action import AskedSchema
from app.api.schemas.draining import ImpactQuerySchema, ImpactSchema, NewCordonSchema, NewDrainSchema
from app.api.schemas.node import NodeSchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import to_wire
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


@bp.route("/nodes/<node_id>/drain", methods=["POST"])
@bp.arguments(NewDrainSchema)
@bp.alt_response(202, schema=AskedSchema)
@allow(Policy.OPERATOR)
def drain(said: dict[str, Any], node_id: str) -> Response:
    """Cordon a node and move its agents away, each by a part of one job. Cancel it to stop; the cordon stays."""
    job_id = draining.request_drain(auth.actor(), node_id, said["within"], said["note"])
    return json_response({"jobId": job_id}, 202)


@bp.route("/nodes/<node_id>/impact", methods=["GET"])
@bp.arguments(ImpactQuerySchema, location="query")
@bp.alt_response(200, schema=ImpactSchema)
@allow(Policy.VIEWER)
def impact(asked: dict[str, Any], node_id: str) -> Response:
    """Which agents a step would hit, where each would go, and which fit nowhere. Nothing is changed."""
    hits = draining.impact(node_id, asked["action"])
    agents = [
        {"agentId": hit.agent_id, "name": hit.name, "goesTo": hit.fate.goes_to, "reason": hit.fate.reason}
        for hit in hits
    ]
    nowhere = sum(hit.fate.fits_nowhere for hit in hits)
    return json_response({"agents": agents, "hit": len(hits), "fitNowhere": nowhere})
