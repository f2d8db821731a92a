"""The timeline of the whole fleet."""

from typing import Any

from flask import Response

from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.watching import EventSchema, EventsQuerySchema, EventsSchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.event_query import parse
from app.domain.nodes.node import iso
from app.services.watching import events

bp = JsonBlueprint("events", __name__, description="The timeline of the fleet")


@bp.route("/events", methods=["GET"])
@bp.arguments(EventsQuerySchema, location="query")
@bp.alt_response(200, schema=EventsSchema)
@allow(Policy.VIEWER)
def list_events(wanted: dict[str, Any]) -> Response:
    """Every change of any node's status, newest first."""
    found = events.events(parse(wanted["q"]), wanted["node"], wanted["before"], wanted["limit"])
    shown = [{**EventSchema().dump(line), "at": iso(line.at)} for line in found.lines]
    return json_response({"events": shown, "nextBefore": found.next_before})
