"""The fleet brake: pause agents everywhere, see who did, go on."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.brake import BrakeSchema, NewBrakeSchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import Json
from app.services.agents import braking
from app.services.agents.braking import BrakeView

bp = JsonBlueprint("brake", __name__, description="Agents")


@bp.route("/brake", methods=["GET"])
@bp.alt_response(200, schema=BrakeSchema)
@allow(Policy.VIEWER)
def get_brake() -> Response:
    """Whether agents are paused, which, and which nodes have done it."""
    return json_response(_wire(braking.get_brake()))


@bp.route("/brake", methods=["PUT"])
@bp.arguments(NewBrakeSchema)
@bp.alt_response(200, schema=BrakeSchema)
@allow(Policy.OPERATOR)
def put_on(said: dict[str, Any]) -> Response:
    """Pause all agents, or those with a tag. Each node does it with its next heartbeat."""
    return json_response(_wire(braking.brake(auth.actor(), said["tag"], said["note"])))


@bp.route("/brake", methods=["DELETE"])
@bp.alt_response(200, schema=BrakeSchema)
@allow(Policy.OPERATOR)
def take_off() -> Response:
    """Let the agents go on."""
    return json_response(_wire(braking.release(auth.actor())))


def _wire(view: BrakeView) -> Json:
    brake = view.brake
    return {
        "braked": brake is not None,
        "scope": brake.scope if brake else None,
        "note": brake.note if brake else "",
        "by": brake.by if brake else None,
        "at": brake.at if brake else None,
        "confirmed": view.confirmed,
        "waiting": view.waiting,
        "unreachable": view.unreachable,
    }
