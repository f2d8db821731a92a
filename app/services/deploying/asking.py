"""Ask for a deploy."""

from uuid import UUID

from sqlalchemy import select, text

from app.domain.actor import Actor
from app.domain.deploying.request import DeployOrder
from app.domain.errors import DeployRunning, Unavailable
from app.domain.jobs import OPEN, JobKind, Outcome
from app.domain.ssh import Login
from app.extensions import db
from app.gateways import envelope, ssh, task_queue
from app.models import Job
from app.services.deploying import host_keys
from app.services.jobs.asking import add
from app.services.jobs.ending import finish
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
        host_keys.pin(order.host, order.port, order.fingerprint)
    try:
        envelope.put(job_id, binding(order), login)
    except Unavailable as failure:
        finish(job_id, Outcome(False, failure.code, str(failure)))
        raise
    _ring(job_id)
    return job_id


def binding(order: DeployOrder) -> str:
    """What a login is sealed for, so that it opens for no other machine."""
    return f"{order.user}@{order.host}:{order.port} {order.fingerprint}"


def _refuse_second(order: DeployOrder) -> None:
    same = (Job.node_id == order.node_id) | (Job.target["host"].astext == order.host)
    running = select(Job.id).where(Job.kind == JobKind.DEPLOY, Job.state.in_(OPEN), same).limit(1)
    if found := db.session.scalar(running):
        raise DeployRunning(order.host, found)


def _ring(job_id: UUID) -> None:
    try:
        task_queue.send_job(str(job_id))
    except Unavailable:  # the sweep rings for it as soon as the broker is back
        return
