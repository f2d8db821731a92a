"""Move an agent: never two copies at work, unless it says that two do no harm.

Until it arrives, the row keeps its old node, and counts at both ends: whatever breaks off the move leaves the agent
where it was. Arriving is one UPDATE with the old node and epoch in its WHERE.
"""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from app.domain.agents import proof
from app.domain.agents.spec import OnNodeLoss, Wanted
from app.domain.jobs import Outcome, Step, StepState
from app.services.agents import history
from app.services.agents.acts.ending import mark
from app.services.placement.reserving import note_changes

if TYPE_CHECKING:
    from app.services.agents.acts.looking import Open

STOP, START = Step("stop", "Stop it where it is"), Step("start", "Start it on its new node")
_ARRIVE = text("""
UPDATE agents SET node_id = moving_to, moving_to = NULL, epoch = epoch + 1, settled_at = NULL, placed_at = now()
WHERE agent_id = :agent_id AND node_id = :old AND moving_to = :new AND epoch = :epoch RETURNING agent_id
""")
# Its node's rows are held until the move is done: a heartbeat comes before, and is seen here, or is told of the move.
_LOCK = text(
    "SELECT node_id, last_heartbeat FROM cluster_nodes WHERE node_id = ANY(:node_ids) ORDER BY node_id FOR UPDATE"
)
_STAY = text("UPDATE agents SET moving_to = NULL WHERE agent_id = :agent_id AND moving_to = :new RETURNING agent_id")
_LEFT_BEHIND = text("""
SELECT agent_id, node_id, moving_to FROM agents a WHERE moving_to IS NOT NULL AND NOT EXISTS (
    SELECT FROM jobs j WHERE j.agent_id = a.agent_id AND j.kind = 'move_agent' AND j.state IN ('queued', 'running'))
ORDER BY agent_id FOR UPDATE SKIP LOCKED
""")


def plan(may_overlap: bool) -> tuple[Step, Step]:
    """The steps in the order in which they are done."""
    return (START, STOP) if may_overlap else (STOP, START)


def go_on(connection: Connection, one: "Open") -> Outcome | None:
    """The next thing in a move, if the last reports allow it. Returns its end, or None while it goes on."""
    job = one.job
    if job.moving_to is not None:
        if not _may_arrive(one):
            return _give_up(connection, one) if job.overdue else None
        _arrive(connection, one)
        return None
    return _judge_arrived(one)


def give_up_left_behind(connection: Connection) -> None:
    """Agents whose move was cancelled or lost stay where they are."""
    for row in connection.execute(_LEFT_BEHIND).all():
        _stay(connection, row)


def _may_arrive(one: "Open") -> bool:
    job, old = one.job, one.sight(one.job.node_id)
    if job.may_overlap and job.wanted == Wanted.RUNNING:
        return one.sight(job.moving_to).runs(job.epoch + 1)
    return old.is_gone or proof.lease_is_over(OnNodeLoss(job.on_node_loss), job.lease_seconds, old, job.now)


def _arrive(connection: Connection, one: "Open") -> None:
    job = one.job
    claim = {"agent_id": job.agent_id, "old": job.node_id, "new": job.moving_to, "epoch": job.epoch}
    rows = connection.execute(_LOCK, {"node_ids": [job.node_id, job.moving_to]}).all()
    heard = {row.node_id: row.last_heartbeat for row in rows}
    if heard.get(job.node_id) != one.sight(job.node_id).heard_at:
        return  # it was heard meanwhile: what it says is judged by the next look
    if connection.execute(_ARRIVE, claim).first() is None:
        return
    note_changes(connection, [job.agent_id], [job.node_id, job.moving_to], placed=True)
    first, second = plan(job.may_overlap)
    mark(connection, job.id, first.name, StepState.SUCCEEDED)
    mark(connection, job.id, second.name, StepState.RUNNING)
    history.note(connection, job.agent_id, "moved", job.moving_to, f"Moved from {job.node_id} to {job.moving_to}")


def _judge_arrived(one: "Open") -> Outcome | None:
    job, here, left = one.job, one.sight(one.job.node_id), one.sight(one.job.target.get("from"))
    if job.wanted == Wanted.STOPPED:
        return Outcome(True, "ok", f"Placed on {here.node_id}; it is to be stopped", {"nodeId": here.node_id})
    if left.up and left.node_id != here.node_id and left.state in ("running", "starting"):
        return proof.not_stopped(left) if job.overdue else None
    return proof.started(here, job.epoch) or (proof.not_started(here, job.epoch) if job.overdue else None)


def _give_up(connection: Connection, one: "Open") -> Outcome:
    job = one.job
    _stay(connection, job)
    overlaps = job.may_overlap and job.wanted == Wanted.RUNNING
    why = (
        proof.not_started(one.sight(job.moving_to), job.epoch + 1)
        if overlaps
        else proof.not_stopped(one.sight(job.node_id))
    )
    return Outcome(False, why.code, f"{job.agent_id} stays on {job.node_id}: {why.message}")


def _stay(connection: Connection, row: Any) -> None:
    if connection.execute(_STAY, {"agent_id": row.agent_id, "new": row.moving_to}).first() is None:
        return
    note_changes(connection, [row.agent_id], [row.node_id, row.moving_to])
    message = f"Its move to {row.moving_to} was given up"
    history.note(connection, row.agent_id, "move_given_up", row.node_id, message)
