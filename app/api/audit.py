"""The audit log: who did what, and what was refused."""

from typing import Any

from flask import Response

from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.audit import AuditLogSchema, AuditQuerySchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import Json, iso
from app.models import AuditEntry
from app.services import audit_log

bp = JsonBlueprint("audit", __name__, url_prefix="/api", description="Audit log")


@bp.route("/audit", methods=["GET"])
@bp.arguments(AuditQuerySchema, location="query")
@bp.alt_response(200, schema=AuditLogSchema)
@allow(Policy.ADMIN)
def entries(wanted: dict[str, Any]) -> Response:
    """What was changed and what was refused, newest first."""
    found = audit_log.search(wanted["q"], wanted["before"], wanted["limit"])
    full = len(found) == wanted["limit"]
    return json_response({"entries": list(map(_shown, found)), "nextBefore": found[-1].id if full else None})


def _shown(entry: AuditEntry) -> Json:
    return {
        "id": entry.id,
        "at": iso(entry.at),
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name},
        "address": entry.address,
        "action": entry.action,
        "target": entry.target,
        "result": entry.result,
        "detail": entry.detail,
        "requestId": entry.request_id,
    }
