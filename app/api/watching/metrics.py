"""History of usage: of one node, and of the fleet."""

from typing import Any

from flask import Response

from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.metrics import FleetMetricsSchema, MetricsQuerySchema, MetricsSchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.metrics import FLEET
from app.domain.nodes.node import Json
from app.services.watching import metrics
from app.services.watching.metrics import History

bp = JsonBlueprint("metrics", __name__, description="History of usage")
DIGITS = 4


@bp.route("/nodes/<node_id>/metrics", methods=["GET"])
@bp.arguments(MetricsQuerySchema, location="query")
@bp.alt_response(200, schema=MetricsSchema)
@allow(Policy.VIEWER)
def node_metrics(wanted: dict[str, Any], node_id: str) -> Response:
    """CPU, memory, disk and load of a node: 24 hours by minutes, 30 days by quarters of an hour."""
    return json_response(_shown(metrics.history(node_id, **wanted)))


@bp.route("/metrics", methods=["GET"])
@bp.arguments(MetricsQuerySchema, location="query")
@bp.alt_response(200, schema=FleetMetricsSchema)
@allow(Policy.VIEWER)
def fleet_metrics(wanted: dict[str, Any]) -> Response:
    """The means of the fleet, and of how many nodes."""
    return json_response(_shown(metrics.history(FLEET, **wanted)))


def _shown(found: History) -> Json:
    window = found.window
    figures = {
        figure: [point if point is None else round(point, DIGITS) for point in points]
        for figure, points in found.figures.items()
    }
    return {"step": window.step, "from": window.first, "to": window.last, "at": list(window.times), **figures}
