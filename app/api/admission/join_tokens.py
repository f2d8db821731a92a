"""Join tokens: list, make, revoke."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.admission.addresses import join_command
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.admission import (
    JoinTokenListSchema,
    JoinTokenSchema,
    NewJoinTokenSchema,
    RevokedSchema,
)
from app.api.schemas.search import SearchSchema
from app.domain.identity.permissions import Policy, allow
from app.services.admission import join_tokens
from app.services.admission.join_tokens import Wanted

bp = JsonBlueprint("join-tokens", __name__, description="Join tokens")


@bp.route("/join-tokens", methods=["GET"])
@bp.arguments(SearchSchema, location="query")
@bp.alt_response(200, schema=JoinTokenListSchema)
@allow(Policy.OPERATOR)
def list_join_tokens(search: dict[str, Any]) -> Response:
    """Join tokens, newest first; their secrets are not kept."""
    found = join_tokens.list_tokens(search["q"])
    return json_response({"joinTokens": JoinTokenSchema(many=True).dump(found)})


@bp.route("/join-tokens", methods=["POST"])
@bp.arguments(NewJoinTokenSchema)
@bp.alt_response(201, schema=JoinTokenSchema)
@allow(Policy.OPERATOR)
def create_join_token(wanted: Wanted) -> Response:
    """Make a join token. Its secret, and the line that uses it, are shown this once."""
    made, secret = join_tokens.create(auth.actor(), wanted)
    shown = {"secret": secret, "command": join_command(made.name_pattern, secret)}
    return json_response({**JoinTokenSchema().dump(made), **shown}, 201)


@bp.route("/join-tokens/<uuid:token_id>", methods=["DELETE"])
@bp.alt_response(200, schema=RevokedSchema)
@allow(Policy.OPERATOR)
def revoke_join_token(token_id: UUID) -> Response:
    """Let nobody join with it any more; nodes that did stay."""
    join_tokens.revoke(auth.actor(), token_id)
    return json_response({"revoked": True})
