"""Calls to nodes: connection test, ping, restart. A Celery worker makes them; the route waits a little for the end."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.gate.limits import costly
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.action import ActionAnswerSchema, AddressSchema
from app.domain.identity.permissions import Policy, allow
from app.extensions import settings
from app.services import jobs
from app.services.jobs import JobView

bp = JsonBlueprint("connections", __name__, description="Calls to nodes")


@bp.route("/test-connection", methods=["POST"])
@bp.arguments(AddressSchema)
@bp.alt_response(200, schema=ActionAnswerSchema)
@bp.alt_response(202, schema=ActionAnswerSchema)
@costly(per_minute=10)
@allow(Policy.OPERATOR)
def test_connection(address: dict[str, Any]) -> Response:
    """Whether something that speaks our protocol answers at an address, and how fast."""
    job = _wait(jobs.request_test(address["host"], address["port"], auth.actor()))
    if not job.ended:
        return json_response({"success": False, "error": _STILL, "jobId": job.id}, 202)
    return json_response({"success": job.code == "ok", "jobId": job.id, **job.result, **_error(job)})


@bp.route("/nodes/<node_id>/ping", methods=["POST"])
@bp.alt_response(200, schema=ActionAnswerSchema)
@bp.alt_response(202, schema=ActionAnswerSchema)
@costly(per_minute=10)
@allow(Policy.OPERATOR)
def ping(node_id: str) -> Response:
    """Call a node's own port now."""
    job = _wait(jobs.request_ping(node_id, auth.actor()))
    if not job.ended:
        return json_response({"ok": False, "message": _STILL, "jobId": job.id}, 202)
    return json_response({"ok": job.code == "ok", "jobId": job.id, **job.result, **_error(job)})


@bp.route("/nodes/<node_id>/restart", methods=["POST"])
@bp.alt_response(200, schema=ActionAnswerSchema)
@bp.alt_response(202, schema=ActionAnswerSchema)
@bp.alt_response(502, schema=ActionAnswerSchema)
@costly(per_minute=60)
@allow(Policy.OPERATOR)
def restart(node_id: str) -> Response:
    """Restart all agents of a node. Never ok when it is known that nothing was restarted."""
    job = _wait(jobs.request_restart(node_id, auth.actor()))
    if not job.ended:
        message = f"Restart asked for; it happens with the next heartbeat of {node_id}"
        return json_response({"ok": True, "message": message, "jobId": job.id}, 202)
    ok = job.code == "ok"
    return json_response({"ok": ok, "message": job.message, "jobId": job.id, **_error(job)}, 200 if ok else 502)


def _wait(job_id: UUID) -> JobView:
    return jobs.wait_for(job_id, settings().answer_within)


def _error(job: JobView) -> dict[str, Any]:
    return {} if job.code == "ok" else {"error": job.message, "code": job.code}


_STILL = "No answer yet; the job goes on"
