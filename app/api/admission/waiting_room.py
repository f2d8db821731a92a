"""The waiting room: look, open or close, let in, send away."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.action import RemovedSchema
from app.api.schemas.admission import AdmittedSchema, OpenRoomSchema, RoomSchema
from app.domain.identity.permissions import Policy, allow
from app.services.admission import waiting_room

bp = JsonBlueprint("waiting-room", __name__, description="Waiting room")


@bp.route("/waiting-room", methods=["GET"])
@bp.alt_response(200, schema=RoomSchema)
@allow(Policy.OPERATOR)
def look() -> Response:
    """Whether it is open, and who waits."""
    return json_response(RoomSchema().dump(waiting_room.look()))


@bp.route("/waiting-room", methods=["PUT"])
@bp.arguments(OpenRoomSchema)
@bp.alt_response(200, schema=RoomSchema)
@allow(Policy.ADMIN)
def open_or_close(wanted: dict[str, Any]) -> Response:
    """Open it for some minutes; 0 closes it."""
    return json_response(RoomSchema().dump(waiting_room.open_for(auth.actor(), wanted["open_for_minutes"])))


@bp.route("/waiting-room/<uuid:knock_id>/admit", methods=["POST"])
@bp.alt_response(200, schema=AdmittedSchema)
@allow(Policy.OPERATOR)
def admit(knock_id: UUID) -> Response:
    """Let a machine in: with its next knock it has its credential."""
    waiting_room.admit(auth.actor(), knock_id)
    return json_response({"admitted": True})


@bp.route("/waiting-room/<uuid:knock_id>", methods=["DELETE"])
@bp.alt_response(200, schema=RemovedSchema)
@allow(Policy.OPERATOR)
def send_away(knock_id: UUID) -> Response:
    """Let a machine wait no longer."""
    waiting_room.send_away(auth.actor(), knock_id)
    return json_response({"removed": True})
