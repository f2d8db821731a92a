"""Jobs: which there are, how far each is, what it says, and its end on request."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.jobs.wire import job_wire, line_wire
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.job import CancelSchema, JobListQuerySchema, JobListSchema, JobSchema, LogQuerySchema, LogSchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import iso
from app.services import jobs

bp = JsonBlueprint("jobs", __name__, description="Jobs")


@bp.route("/jobs", methods=["GET"])
@bp.arguments(JobListQuerySchema, location="query")
@bp.alt_response(200, schema=JobListSchema)
@allow(Policy.VIEWER)
def list_jobs(wanted: dict[str, Any]) -> Response:
    """Jobs, newest first."""
    same = {key: wanted[key] for key in ("kind", "state", "whole", "before", "limit")}
    about = {"node_id": wanted["node"], "agent_id": wanted["agent"], "parent_id": wanted["parent"]}
    page = jobs.list_jobs(search=wanted["q"], **about, **same)
    following = iso(page.next_before) if page.next_before else None
    return json_response({"jobs": [job_wire(job) for job in page.jobs], "nextBefore": following})


@bp.route("/jobs/<uuid:job_id>", methods=["GET"])
@bp.alt_response(200, schema=JobSchema)
@allow(Policy.VIEWER)
def get_job(job_id: UUID) -> Response:
    """One job as it is now, with its steps."""
    return json_response(job_wire(jobs.get_job(job_id)))


@bp.route("/jobs/<uuid:job_id>/log", methods=["GET"])
@bp.arguments(LogQuerySchema, location="query")
@bp.alt_response(200, schema=LogSchema)
@allow(Policy.VIEWER)
def get_log(wanted: dict[str, Any], job_id: UUID) -> Response:
    """The lines of a job's log after a line number; all of them, or those that are looked for."""
    page = jobs.read_log(job_id, wanted["after"], wanted["limit"], wanted["q"], wanted["level"] == "error")
    lines = [line_wire(line) for line in page.lines]
    return json_response({"lines": lines, "last": page.last, "matched": page.matched})


@bp.route("/jobs/<uuid:job_id>/cancel", methods=["POST"])
@bp.alt_response(200, schema=CancelSchema)
@allow(Policy.OPERATOR)
def cancel(job_id: UUID) -> Response:
    """Ask for the end of a job. Asking twice, or after its end, does nothing."""
    jobs.cancel(job_id, auth.actor())
    return json_response({"ok": True})
