"""Deploys over SSH: look at a machine's host key, then make it a node; the same for many machines at once."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.admission.addresses import base_url
from app.api.deploying.wire import host_key_wire, host_keys_wire, machines_wire, taken_wire
from app.api.gate.limits import costly
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.deploy import (
    DeployAnswerSchema,
    HostKeyQuerySchema,
    HostKeySchema,
    HostKeysQuerySchema,
    HostKeysSchema,
    RetrySchema,
)
from app.api.schemas.deploy_many import DeploySchema, MachineListSchema
from app.domain.deploying.request import Retry
from app.domain.deploying.rows import Asked, orders_in
from app.domain.deploying.ssh import Login, SshTarget
from app.domain.identity.permissions import Policy, allow
from app.services import deploying

bp = JsonBlueprint("deploying", __name__, description="Deploys over SSH")
Wanted = tuple[list[SshTarget], Login]


def _looked_at(wanted: Wanted, **_: Any) -> list[str]:
    return [target.address for target in wanted[0]]


def _deployed_to(asked: Asked, **_: Any) -> list[str]:
    return [order.target.shown for _, order in orders_in(asked.rows)]


@bp.route("/ssh/host-key", methods=["POST"])
@bp.arguments(HostKeyQuerySchema)
@bp.alt_response(200, schema=HostKeySchema)
@costly(per_minute=10, targets=_looked_at)
@allow(Policy.OPERATOR)
def host_key(wanted: Wanted) -> Response:
    """The host key that a machine shows, to be compared with the one on its own console before anything is sent."""
    ((target,), login) = wanted
    return json_response(host_key_wire(deploying.probe(target, login, auth.actor())))


@bp.route("/ssh/host-keys", methods=["POST"])
@bp.arguments(HostKeysQuerySchema)
@bp.alt_response(200, schema=HostKeysSchema)
@costly(per_minute=10, targets=_looked_at)
@allow(Policy.OPERATOR)
def host_keys(wanted: Wanted) -> Response:
    """The host keys that machines show, or why one shows none."""
    return json_response(host_keys_wire(deploying.probe_many(*wanted, auth.actor())))


@bp.route("/ssh/machines", methods=["POST"])
@bp.arguments(DeploySchema)
@bp.alt_response(200, schema=MachineListSchema)
@allow(Policy.OPERATOR)
def machines(asked: Asked) -> Response:
    """Read a list of machines as a deploy would: what each row says, and what is wrong with it. Nothing is started."""
    return json_response(machines_wire(deploying.look_through(asked)))


@bp.route("/deploy-via-ssh", methods=["POST"])
@bp.arguments(DeploySchema)
@bp.alt_response(202, schema=DeployAnswerSchema)
@costly(per_minute=30, targets=_deployed_to)
@allow(Policy.OPERATOR)
def deploy_via_ssh(asked: Asked) -> Response:
    """Make a machine a node, or many. The answer comes at once; the job tells how it goes."""
    return json_response(taken_wire(deploying.request(asked, base_url(), auth.actor())), 202)


@bp.route("/jobs/<uuid:job_id>/retry", methods=["POST"])
@bp.arguments(RetrySchema)
@bp.alt_response(202, schema=DeployAnswerSchema)
@costly(per_minute=30, targets=lambda _, job_id: [str(job_id)])
@allow(Policy.OPERATOR)
def retry(again: Retry, job_id: UUID) -> Response:
    """The same deploy again, as a new job; of many, those that did not succeed. The login was not kept."""
    return json_response(taken_wire(deploying.retry_deploy(job_id, again, auth.actor())), 202)
