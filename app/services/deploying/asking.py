"""Ask for a deploy."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.domain.deploying.request import DeployOrder
from app.domain.deploying.ssh import Login
from app.domain.errors import DeployRunning, Unavailable
from app.domain.identity.actor import Actor
from app.domain.jobs import OPEN, JobKind, Outcome
from app.extensions import db
from app.gateways import envelope, ssh
from app.models import Job
from app.services.jobs.asking import add
from app.services.jobs.ending import finish
from app.services.jobs.parts import ring
from app.services.transaction import transaction

# One at a time decides whether a deploy for this node is at work already.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtext('deploy'))")


def request_deploy(order: DeployOrder, login: Login, enterprise_url: str, by: Actor) -> UUID:
    """Ask for a deploy; the job goes on when nobody waits for it.

    Raises InvalidInput about the key, DeployRunning, NotConfigured without a SECRET_KEY, or Unavailable.
    """
    check_keys(login)
    envelope.require_key()
    with transaction():
        claim_machines([order])
        job_id = add(JobKind.DEPLOY, order.node_id, {**order.stored(), "enterprise_url": enterprise_url}, by).id
    try:
        envelope.put(job_id, binding(order), login)
    except Unavailable as failure:
        finish(job_id, Outcome(False, failure.code, str(failure)))
        raise
    ring(job_id)
    return job_id


def check_keys(login: Login) -> None:
    """Raises InvalidInput about a key that cannot be read, before anything is asked for."""
    for one in filter(None, (login, login.bastion)):
        if one.private_key:
            ssh.read_private_key(one.private_key, one.passphrase)


def order_of(target: Mapping[str, Any]) -> DeployOrder:
    """What a deploy's row keeps beside our own URL."""
    return DeployOrder.from_stored(dict(target))


def binding(order: DeployOrder) -> str:
    """What a login is sealed for, so that it opens for no other machine."""
    via = f" {order.bastion.target.shown} {order.bastion.fingerprint}" if order.bastion else ""
    return f"{order.user}@{order.host}:{order.port} {order.fingerprint}{via}"


def claim_machines(orders: Sequence[DeployOrder]) -> None:
    """Make sure that no deploy is at work for any of them, within the current transaction. Raises DeployRunning."""
    db.session.execute(_ONE_BY_ONE)
    for order in orders:
        _refuse_second(order)


def _refuse_second(order: DeployOrder) -> None:
    address = {"host": order.host, "port": order.port}  # machines behind one address differ in their ports
    same = (Job.node_id == order.node_id) | Job.target.contains(address)
    running = select(Job.id).where(Job.kind == JobKind.DEPLOY, Job.state.in_(OPEN), same).limit(1)
    if found := db.session.scalar(running):
        raise DeployRunning(order.host, found)
