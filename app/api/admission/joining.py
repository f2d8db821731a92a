"""A machine becomes a node, and renews its credential."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.admission import JoinedSchema, JoinSchema, RenewSchema
from app.domain.identity.joining import JoinRequest
from app.domain.identity.permissions import Policy, allow
from app.services.admission import joining

bp = JsonBlueprint("joining", __name__, description="Joining")


@bp.route("/join", methods=["POST"])
@bp.arguments(JoinSchema)
@bp.alt_response(200, schema=JoinedSchema)
@allow(Policy.PUBLIC)
def join(said: JoinRequest) -> Response:
    """Exchange a join token for a credential. Sent again with the same secret, it gives the same answer."""
    return json_response(JoinedSchema().dump(joining.join(auth.stranger(), said)))


@bp.route("/nodes/<node_id>/credential", methods=["POST"])
@bp.arguments(RenewSchema)
@bp.alt_response(200, schema=JoinedSchema)
@allow(Policy.NODE_IN_BATCH)
def renew(said: dict[str, Any], node_id: str) -> Response:
    """Exchange a node's credential for its next one. One that has expired may still do this, for 90 days."""
    secret_hash = bytes.fromhex(said["secret_hash"])
    made = joining.renew(auth.stranger(), auth.presented_secret(), node_id, secret_hash)
    return json_response(JoinedSchema().dump(made))
