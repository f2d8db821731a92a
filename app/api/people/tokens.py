"""API tokens."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.people import NewTokenSchema, TokenListSchema, TokenRevokedSchema, TokenSchema
from app.api.schemas.search import SearchSchema
from app.domain.identity.permissions import Policy, allow
from app.services.people import tokens

bp = JsonBlueprint("tokens", __name__, description="API tokens")


@bp.route("/tokens", methods=["GET"])
@bp.arguments(SearchSchema, location="query")
@bp.alt_response(200, schema=TokenListSchema)
@allow(Policy.OPERATOR)
def list_tokens(search: dict[str, Any]) -> Response:
    """One's own API tokens, newest first; admins see everybody's."""
    return json_response({"tokens": TokenSchema(many=True).dump(tokens.list_tokens(auth.actor(), search["q"]))})


@bp.route("/tokens", methods=["POST"])
@bp.arguments(NewTokenSchema)
@bp.alt_response(201, schema=TokenSchema)
@allow(Policy.OPERATOR)
def create_token(said: dict[str, Any]) -> Response:
    """A token for a script, for 1-365 days and with at most one's own role. Its secret is shown this once."""
    made, secret = tokens.create(auth.actor(), **said)
    return json_response({**TokenSchema().dump(made), "secret": secret}, 201)


@bp.route("/tokens/<uuid:token_id>", methods=["DELETE"])
@bp.alt_response(200, schema=TokenRevokedSchema)
@allow(Policy.OPERATOR)
def revoke_token(token_id: UUID) -> Response:
    """From now on it does not count any more."""
    tokens.revoke(auth.actor(), token_id)
    return json_response({"revoked": True})
