"""Deploys over SSH: look at a machine's host key, then make it a node."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.admission.addresses import base_url
from app.api.gate.limits import costly
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.deploy import DeployAnswerSchema, DeploySchema, HostKeyQuerySchema, HostKeySchema, RetrySchema
from app.domain.deploying.request import DeployOrder
from app.domain.permissions import Policy, allow
from app.domain.ssh import Login
from app.services import deploying

bp = JsonBlueprint("deploying", __name__, description="Deploys over SSH")


@bp.route("/ssh/host-key", methods=["POST"])
@bp.arguments(HostKeyQuerySchema)
@bp.alt_response(200, schema=HostKeySchema)
@costly(per_minute=10)
@allow(Policy.OPERATOR)
def host_key(address: dict[str, Any]) -> Response:
    """The host key that a machine shows, to be compared with the one on its own console before anything is sent."""
    seen = deploying.probe(address["host"], address["port"], auth.actor())
    known = seen.pinned == seen.fingerprint
    return json_response({"fingerprint": seen.fingerprint, "known": known, "changed": seen.changed})


@bp.route("/deploy-via-ssh", methods=["POST"])
@bp.arguments(DeploySchema)
@bp.alt_response(202, schema=DeployAnswerSchema)
@costly(per_minute=30, targets=lambda asked: [asked[0].target.shown])
@allow(Policy.OPERATOR)
def deploy_via_ssh(asked: tuple[DeployOrder, Login]) -> Response:
    """Make a machine a node. The answer comes at once; the job's steps and log tell how it goes."""
    order, login = asked
    job_id = deploying.request_deploy(order, login, base_url(), auth.actor())
    return _taken_on(order, job_id)


@bp.route("/jobs/<uuid:job_id>/retry", methods=["POST"])
@bp.arguments(RetrySchema)
@bp.alt_response(202, schema=DeployAnswerSchema)
@costly(per_minute=30, targets=lambda _, job_id: [str(job_id)])
@allow(Policy.OPERATOR)
def retry(asked: tuple[Login, str], job_id: UUID) -> Response:
    """The same deploy again, as a new job. The login is needed again, since it was not kept."""
    login, fingerprint = asked
    order, new_id = deploying.retry_deploy(job_id, login, fingerprint, auth.actor())
    return _taken_on(order, new_id)


def _taken_on(order: DeployOrder, job_id: UUID) -> Response:
    message = f"Deploying to {order.host}; the node registers itself when it is ready"
    return json_response({"message": message, "nodeId": order.node_id, "jobId": job_id}, 202)
