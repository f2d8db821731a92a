"""Machines that become nodes by a script that a person runs there, or by an offline bundle."""

from typing import Any

from flask import Response, request, send_file

from app.api import auth
from app.api.admission.addresses import base_url, setup_command
from app.api.gate.limits import costly
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.setup import BundleSchema, ReceiptQuerySchema, SetupMadeSchema, SetupSchema
from app.domain.deploying.setup import Origin
from app.domain.identity.permissions import Policy, allow
from app.services import setup

bp = JsonBlueprint("setup", __name__, description="Setup by script")
PLAIN = {"text/plain": {"schema": {"type": "string"}}}
BINARY = {"application/x-tar": {"schema": {"type": "string", "format": "binary"}}}


def _node(asked: dict[str, Any]) -> tuple[str]:
    return (asked["order"].node_id,)


@bp.route("/setups", methods=["POST"])
@bp.arguments(SetupSchema)
@bp.alt_response(201, schema=SetupMadeSchema)
@allow(Policy.OPERATOR)
def prepare(asked: dict[str, Any]) -> Response:
    """Make a line that sets a machine up. Its token counts once, for some minutes."""
    url = base_url()
    made = setup.request_setup(by=auth.actor(), enterprise_url=url, origin=Origin.SCRIPT, **asked)
    shown = {"nodeId": asked["order"].node_id, "jobId": made.job_id, "joinTokenId": made.token.id}
    shown |= {"command": setup_command(url, made.secret), "script": setup.script_for(made.secret)}
    return json_response(SetupMadeSchema().dump({**shown, "expiresAt": made.token.expires_at}), 201)


@bp.route("/setups/bundle", methods=["POST"])
@bp.arguments(BundleSchema)
@bp.doc(responses={"200": {"description": "A tar archive", "content": BINARY}})
@costly(per_minute=10, targets=_node)
@allow(Policy.OPERATOR)
def bundle(asked: dict[str, Any]) -> Response:
    """All that a machine without a network needs, as one archive: unpack it there, then `sh install.sh`."""
    platform, with_token, url = asked.pop("platform"), asked.pop("with_token"), base_url()
    pieces = setup.request_bundle(auth.actor(), url, platform=platform, with_token=with_token, **asked)
    response = Response(pieces, mimetype="application/x-tar")
    response.headers["Content-Disposition"] = f"attachment; filename=muster-{asked['order'].node_id}.tar"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/setup.sh", methods=["GET"])
@bp.doc(responses={"200": {"description": "The script", "content": PLAIN}})
@allow(Policy.PUBLIC)
def script() -> Response:
    """The script of a setup. Its join token is the bearer."""
    return _plain(setup.script_for(auth.presented_secret()))


@bp.route("/setup/receipt", methods=["POST"])
@bp.arguments(ReceiptQuerySchema, location="query")
@bp.doc(requestBody={"content": PLAIN}, responses={"200": {"description": "wait, go, stop or done", "content": PLAIN}})
@allow(Policy.PUBLIC)
def receipt(at: dict[str, Any]) -> Response:
    """A piece of what the script says, by the join token of its setup; the answer is what it shall do."""
    said = setup.take_receipt(auth.stranger(), auth.presented_secret(), at["offset"], request.get_data(cache=False))
    return _plain(said)


@bp.route("/setup/parcel", methods=["GET"])
@bp.doc(responses={"200": {"description": "A tar archive", "content": BINARY}})
@allow(Policy.PUBLIC)
def parcel() -> Response:
    """The files of a setup, once its machine was found fit, by the join token of the setup."""
    response = Response(setup.parcel_for(auth.presented_secret()), mimetype="application/x-tar")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/setup/runtime", methods=["GET"])
@bp.doc(responses={"200": {"description": "A tar.gz archive", "content": BINARY}})
@allow(Policy.PUBLIC)
def runtime() -> Response:
    """The runtime that a setup needs, by its join token."""
    return send_file(setup.runtime_for(auth.presented_secret()), mimetype="application/gzip")


def _plain(text: str) -> Response:
    response = Response(text, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
