"""What becomes of daemons after they were installed: upgrade one or many, uninstall."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.action import RemovedSchema
from app.api.schemas.lifecycle import (
    DaemonProgramSchema,
    RolloutAnswerSchema,
    RolloutSchema,
    TakenOnSchema,
    UninstalledSchema,
)
from app.domain.identity.permissions import Policy, allow
from app.services import daemon_program, lifecycle

bp = JsonBlueprint("lifecycle", __name__, description="Upgrade and uninstall")


@bp.route("/daemon-program", methods=["GET"])
@bp.alt_response(200, schema=DaemonProgramSchema)
@allow(Policy.VIEWER)
def program() -> Response:
    """Which build of the daemon's program nodes get from here."""
    found = daemon_program.read()
    return json_response({"version": found.version, "sha256": found.sha256, "size": len(found.content)})


@bp.route("/nodes/<node_id>/upgrade", methods=["POST"])
@bp.alt_response(202, schema=TakenOnSchema)
@allow(Policy.OPERATOR)
def upgrade(node_id: str) -> Response:
    """Put the present build in the place of a node's daemon. Its agents go on meanwhile."""
    job_id = lifecycle.request_upgrade(node_id, auth.actor())
    message = f"The daemon of {node_id} is upgraded with its next heartbeat"
    return json_response({"message": message, "nodeId": node_id, "jobId": job_id}, 202)


@bp.route("/upgrades", methods=["POST"])
@bp.arguments(RolloutSchema)
@bp.alt_response(202, schema=RolloutAnswerSchema)
@allow(Policy.OPERATOR)
def upgrade_many(asked: dict[str, Any]) -> Response:
    """Upgrade many daemons: some first, then, when those stay well, the others. Stops at the first failure."""
    taken = lifecycle.request_rollout(asked.pop("nodes"), auth.actor(), **asked)
    return json_response({"jobId": taken.job_id, "nodes": list(taken.nodes), "leftOut": taken.left_out}, 202)


@bp.route("/nodes/<node_id>/uninstall", methods=["POST"])
@bp.alt_response(202, schema=TakenOnSchema)
@allow(Policy.OPERATOR)
def uninstall(node_id: str) -> Response:
    """Let a node's daemon stop its agents and remove all that was installed; the node is then forgotten."""
    job_id = lifecycle.request_uninstall(node_id, auth.actor())
    message = f"{node_id} uninstalls itself with its next heartbeat"
    return json_response({"message": message, "nodeId": node_id, "jobId": job_id}, 202)


@bp.route("/nodes/<node_id>/uninstalled", methods=["POST"])
@bp.arguments(UninstalledSchema)
@bp.alt_response(200, schema=RemovedSchema)
@allow(Policy.NODE)
def uninstalled(said: dict[str, Any], node_id: str) -> Response:
    """The last word of a node that was asked to uninstall itself."""
    lifecycle.note_uninstalled(auth.actor(), node_id, said["left"])
    return json_response({"removed": True})
