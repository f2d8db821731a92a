"""Credentials of a node: list, make one for a URL, revoke."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.admission.addresses import base_url
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.admission import (
    CredentialListSchema,
    CredentialSchema,
    NewCredentialSchema,
    RevokedCredentialsSchema,
)
from app.domain.identity.permissions import Policy, allow
from app.services.admission import credentials

bp = JsonBlueprint("credentials", __name__, description="Credentials of nodes")


@bp.route("/nodes/<node_id>/credentials", methods=["GET"])
@bp.alt_response(200, schema=CredentialListSchema)
@allow(Policy.OPERATOR)
def list_credentials(node_id: str) -> Response:
    """Credentials of a node, newest first; also of a removed node."""
    return json_response({"credentials": CredentialSchema(many=True).dump(credentials.list_credentials(node_id))})


@bp.route("/nodes/<node_id>/credentials", methods=["POST"])
@bp.arguments(NewCredentialSchema)
@bp.alt_response(201, schema=CredentialSchema)
@allow(Policy.OPERATOR)
def issue_credential(_: dict[str, Any], node_id: str) -> Response:
    """A credential for agents that can only be told a URL. It is shown this once."""
    made, secret = credentials.issue_for_url(auth.actor(), node_id)
    shown = {"secret": secret, "enterpriseUrl": f"{base_url()}/w/{secret}"}
    return json_response({**CredentialSchema().dump(made), **shown}, 201)


@bp.route("/nodes/<node_id>/credentials", methods=["DELETE"])
@bp.alt_response(200, schema=RevokedCredentialsSchema)
@allow(Policy.OPERATOR)
def revoke_credentials(node_id: str) -> Response:
    """Revoke all credentials of a node; its next heartbeat is refused."""
    return json_response({"revoked": credentials.revoke(auth.actor(), node_id)})


@bp.route("/nodes/<node_id>/credentials/<uuid:credential_id>", methods=["DELETE"])
@bp.alt_response(200, schema=RevokedCredentialsSchema)
@allow(Policy.OPERATOR)
def revoke_credential(node_id: str, credential_id: UUID) -> Response:
    """Revoke one credential of a node."""
    return json_response({"revoked": credentials.revoke(auth.actor(), node_id, credential_id)})
