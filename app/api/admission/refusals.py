"""Machines that were turned away."""

from typing import Any

from flask import Response

from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.admission import RefusalListSchema, RefusalSchema
from app.api.schemas.search import SearchSchema
from app.domain.identity.permissions import Policy, allow
from app.services.admission import refusals

bp = JsonBlueprint("refusals", __name__, description="Refusals")


@bp.route("/refusals", methods=["GET"])
@bp.arguments(SearchSchema, location="query")
@bp.alt_response(200, schema=RefusalListSchema)
@allow(Policy.OPERATOR)
def list_refusals(search: dict[str, Any]) -> Response:
    """Machines that were turned away and why, newest first."""
    return json_response({"refusals": RefusalSchema(many=True).dump(refusals.list_refusals(search["q"]))})
