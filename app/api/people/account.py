"""A person's own password and second factor."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.action import OkSchema
from app.api.schemas.people import CodeSchema, NewPasswordSchema, TotpSecretSchema
from app.domain.identity.permissions import Policy, allow
from app.services.people import account, second_factor

bp = JsonBlueprint("account", __name__, description="One's own account")


@bp.route("/account/password", methods=["PUT"])
@bp.arguments(NewPasswordSchema)
@bp.alt_response(200, schema=OkSchema)
@allow(Policy.VIEWER)
def change_password(said: dict[str, Any]) -> Response:
    """Set or change the password; all other sessions end."""
    account.change_password(auth.actor(), said["current"], said["new"], auth.session_secret())
    return json_response({"ok": True})


@bp.route("/account/totp", methods=["POST"])
@bp.alt_response(200, schema=TotpSecretSchema)
@allow(Policy.VIEWER)
def prepare_totp() -> Response:
    """A secret for an authenticator app; it counts once a first code was confirmed."""
    made, uri = second_factor.prepare(auth.actor())
    return json_response({"secret": made, "uri": uri})


@bp.route("/account/totp", methods=["PUT"])
@bp.arguments(CodeSchema)
@bp.alt_response(200, schema=OkSchema)
@allow(Policy.VIEWER)
def confirm_totp(said: dict[str, Any]) -> Response:
    """From now on a sign-in by password needs a code."""
    second_factor.confirm(auth.actor(), said["code"])
    return json_response({"ok": True})


@bp.route("/account/totp", methods=["DELETE"])
@bp.arguments(CodeSchema)
@bp.alt_response(200, schema=OkSchema)
@allow(Policy.VIEWER)
def turn_totp_off(said: dict[str, Any]) -> Response:
    """A sign-in needs no code any more."""
    second_factor.turn_off(auth.actor(), said["code"])
    return json_response({"ok": True})
