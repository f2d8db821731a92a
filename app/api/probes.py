"""For load balancers and supervisors: is the process up, and can it do its work?"""

from flask import Response

from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.probe import AliveSchema, ReadySchema
from app.domain.identity.permissions import Policy, allow
from app.services import readiness
from app.services.build import VERSION, build_id

bp = JsonBlueprint("probes", __name__, description="Health of the control plane")


@bp.route("/healthz", methods=["GET"])
@bp.alt_response(200, schema=AliveSchema)
@allow(Policy.PUBLIC)
def healthz() -> Response:
    """The process is up."""
    return json_response({"status": "ok", "version": VERSION, "build": build_id()})


@bp.route("/readyz", methods=["GET"])
@bp.alt_response(200, schema=ReadySchema)
@bp.alt_response(503, schema=ReadySchema)
@allow(Policy.PUBLIC)
def readyz() -> Response:
    """Every part answers (200), or what is missing (503)."""
    checks = readiness.check()
    missing = [check.missing for check in checks if not check.ok]
    shown = {check.name: {"ok": check.ok, "detail": check.detail} for check in checks}
    return json_response({"ready": not missing, "missing": missing, "checks": shown}, 503 if missing else 200)
