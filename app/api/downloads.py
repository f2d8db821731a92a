"""Files for machines that are to become nodes."""

from flask import Response, request

from app.api.json_body import JsonBlueprint
from app.domain.identity.permissions import Policy, allow
from app.services import daemon_program

bp = JsonBlueprint("downloads", __name__, description="Files for machines that are to become nodes")
FOR_EVER = "public, max-age=31536000, immutable"


@bp.route("/worker.pyz", methods=["GET"])
@bp.doc(
    parameters=[{"in": "query", "name": "v", "schema": {"type": "string"}, "description": "The SHA-256 of a build."}],
    responses={"200": {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
@allow(Policy.PUBLIC)
def worker_program() -> Response:
    """The daemon's program, one file; X-Checksum-SHA256 is its checksum. With `v`, that very build or a 404."""
    program = daemon_program.read(request.args.get("v"))
    response = Response(program.content, mimetype="application/zip")
    response.headers["X-Checksum-SHA256"] = program.sha256
    response.headers["Content-Disposition"] = "attachment; filename=worker.pyz"
    response.headers["Cache-Control"] = FOR_EVER if "v" in request.args else "no-cache"
    response.set_etag(program.sha256)
    response.make_conditional(request, accept_ranges=True, complete_length=len(program.content))
    return response
