"""Ask for a deploy."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.domain.actor import Actor
from app.domain.deploying.request import DeployOrder
from app.domain.errors import DeployRunning, InvalidInput, Unavailable
from app.domain.jobs import OPEN, JobKind, Outcome
from app.domain.ssh import Login
from app.extensions import db
from app.gateways import envelope, ssh, task_queue
from app.models import Job
from app.services.jobs.asking import add
from app.services.jobs.ending import finish
from app.services.jobs.reading import get_job
from app.services.transaction import transaction

# One at a time decides whether a deploy for this node is at work already.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtext('deploy'))")


def request_deploy(order: DeployOrder, login: Login, enterprise_url: str, by: Actor) -> UUID:
    """Ask for a deploy; the job goes on when nobody waits for it.

    Raises InvalidInput about the key, DeployRunning, NotConfigured without a SECRET_KEY, or Unavailable.
    """
    if login.private_key:
        ssh.read_private_key(login.private_key, login.passphrase)
    envelope.require_key()
    with transaction():
        db.session.execute(_ONE_BY_ONE)
        _refuse_second(order)
        job_id = add(JobKind.DEPLOY, order.node_id, {**order.stored(), "enterprise_url": enterprise_url}, by).id
    try:
        envelope.put(job_id, binding(order), login)
    except Unavailable as failure:
        finish(job_id, Outcome(False, failure.code, str(failure)))
        raise
    _ring(job_id)
    return job_id


def retry_deploy(job_id: UUID, login: Login, fingerprint: str, by: Actor) -> tuple[DeployOrder, UUID]:
    """Ask for the same deploy again, as a job of its own; with another host key if somebody confirmed one.

    Raises JobNotFound, InvalidInput for another kind of job, and what `request_deploy` raises.
    """
    former = get_job(job_id)
    if former.kind is not JobKind.DEPLOY:
        raise InvalidInput("Only deploys are retried with a login; ask for this one again where it was asked for")
    order = order_of(former.target)
    order = replace(order, fingerprint=fingerprint or order.fingerprint)
    return order, request_deploy(order, login, former.target["enterprise_url"], by)


def order_of(target: Mapping[str, Any]) -> DeployOrder:
    """What a deploy's row keeps beside our own URL."""
    return DeployOrder.from_stored({key: value for key, value in target.items() if key != "enterprise_url"})


def binding(order: DeployOrder) -> str:
    """What a login is sealed for, so that it opens for no other machine."""
    return f"{order.user}@{order.host}:{order.port} {order.fingerprint}"


def _refuse_second(order: DeployOrder) -> None:
    address = {"host": order.host, "port": order.port}  # machines behind one address differ in their ports
    same = (Job.node_id == order.node_id) | Job.target.contains(address)
    running = select(Job.id).where(Job.kind == JobKind.DEPLOY, Job.state.in_(OPEN), same).limit(1)
    if found := db.session.scalar(running):
        raise DeployRunning(order.host, found)


def _ring(job_id: UUID) -> None:
    try:
        task_queue.send_job(str(job_id))
    except Unavailable:  # the sweep rings for it as soon as the broker is back
        return
