"""A node says that nothing of Muster is left on it."""

from sqlalchemy import select

from app.domain.errors import JobNotFound
from app.domain.identity.actor import Actor
from app.domain.jobs import OPEN, JobKind, Outcome
from app.extensions import db
from app.models import Job
from app.services import nodes
from app.services.jobs.ending import finish
from app.services.transaction import transaction


def note_uninstalled(by: Actor, node_id: str, left: list[str]) -> None:
    """Forget a node that removed itself because it was asked to, and end the job. Raises JobNotFound, NodeNotFound.

    `left` names what the node could not remove.
    """
    chosen = select(Job.id).where(Job.node_id == node_id, Job.kind == JobKind.UNINSTALL, Job.state.in_(OPEN))
    with transaction():
        job_id = db.session.scalar(chosen)
    if job_id is None:  # nobody asked for it: a node does not remove itself
        raise JobNotFound
    nodes.remove_node(by, node_id)
    finish(job_id, _outcome(node_id, left))


def _outcome(node_id: str, left: list[str]) -> Outcome:
    if not left:
        return Outcome(True, "ok", f"{node_id} was uninstalled and removed")
    sentence = f"{node_id} was removed, but this is still on the machine: {', '.join(left)}"
    return Outcome(False, "left_over", sentence, {"left": left}, "Remove it by hand on the machine")
