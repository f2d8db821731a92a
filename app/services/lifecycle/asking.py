"""Ask for the upgrade or the uninstall of one node."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.domain.errors import NodeNotFound
from app.domain.identity.actor import Actor
from app.domain.jobs import OPEN, JobKind
from app.domain.nodes.node import Node
from app.domain.upkeep.lifecycle import NOT_MANAGED, NodeBusy, NodeNotFit, objection
from app.extensions import db
from app.models import Job, NodeRow
from app.services import daemon_program
from app.services.jobs.asking import add
from app.services.jobs.parts import ring
from app.services.node_view import Moment
from app.services.transaction import transaction

ONE_AT_A_TIME = (JobKind.UPGRADE, JobKind.UNINSTALL)
# One at a time decides whether something is at work on a node already.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtext('lifecycle'))")


def request_upgrade(node_id: str, by: Actor) -> UUID:
    """Ask for an upgrade of a node's daemon to the build that is here.

    Raises NodeNotFound, NodeNotFit, NodeBusy, or ProgramNotBuilt.
    """
    program = daemon_program.read()
    with transaction():
        node = _node(node_id)
        why = objection(node, program.sha256)
        if why is not None:
            raise NodeNotFit(f"{node_id} is not upgraded: {why}")
        job_id = add_upgrade(node, program.sha256, program.version, by)
    ring(job_id)
    return job_id


def request_uninstall(node_id: str, by: Actor) -> UUID:
    """Ask a node's daemon to remove itself and all that was installed with it.

    Raises NodeNotFound, NodeNotFit or NodeBusy.
    """
    with transaction():
        node = _node(node_id)
        if not node.managed:
            raise NodeNotFit(f"{node_id} is not uninstalled: {NOT_MANAGED}")
        job_id = _add(JobKind.UNINSTALL, node, {}, by).id
    ring(job_id)
    return job_id


def add_upgrade(node: Node, sha256: str, version: str, by: Actor, parent_id: UUID | None = None) -> UUID:
    """A queued upgrade, within the current transaction. Raises NodeBusy."""
    job = _add(JobKind.UPGRADE, node, {"sha256": sha256, "version": version}, by)
    job.parent_id = parent_id
    return job.id


def _add(kind: JobKind, node: Node, target: dict[str, Any], by: Actor) -> Job:
    db.session.execute(_ONE_BY_ONE)
    chosen = select(Job.id).where(Job.node_id == node.node_id, Job.kind.in_(ONE_AT_A_TIME), Job.state.in_(OPEN))
    if found := db.session.scalar(chosen.limit(1)):
        raise NodeBusy(node.node_id, found)
    return add(kind, node.node_id, {"host": node.host, "port": node.port, **target}, by)


def _node(node_id: str) -> Node:
    row = db.session.get(NodeRow, node_id, populate_existing=True)
    if row is None:
        raise NodeNotFound
    return Moment.read().view(row)
