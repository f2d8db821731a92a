"""Jobs: how far a piece of remote work is."""

from uuid import UUID

from flask import Response

from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.action import JobSchema
from app.domain.node import Json, iso
from app.domain.permissions import Policy, allow
from app.services import jobs
from app.services.jobs import JobView

bp = JsonBlueprint("jobs", __name__, description="Jobs")


@bp.route("/jobs/<uuid:job_id>", methods=["GET"])
@bp.alt_response(200, schema=JobSchema)
@allow(Policy.VIEWER)
def get_job(job_id: UUID) -> Response:
    """One job as it is now."""
    return json_response(_shown(jobs.get_job(job_id)))


def _shown(job: JobView) -> Json:
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "nodeId": job.node_id,
        "createdAt": iso(job.created_at),
        "finishedAt": iso(job.finished_at) if job.finished_at else None,
        "code": job.code,
        "message": job.message,
        "result": job.result,
    }
