"""Ask for an action on one agent or on several."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

from app.domain.agents.actions import Wish
from app.domain.agents.errors import ActionRefused
from app.domain.errors import MusterError
from app.domain.identity.actor import Actor
from app.extensions import db
from app.models import AgentRow
from app.services import audit, placement
from app.services.agents import history, nudging
from app.services.agents.acts import changing, jobs
from app.services.agents.acts.looking import look
from app.services.transaction import transaction


@dataclass(frozen=True)
class Asked:
    """An action on several agents: the whole, its parts by agent, and why others are left out."""

    job_id: UUID
    parts: dict[str, UUID]
    left_out: dict[str, str]


def request(by: Actor, agent_id: str, wish: Wish, parent_id: UUID | None = None) -> UUID:
    """Change what is wanted of an agent, and follow it as a job.

    Raises AgentNotFound, AgentNotAdoptable, AgentBusy while it moves, ActionRefused, NodeNotFound or NoRoomForAgent.
    """
    with transaction() as after_commit:
        placement.take_turn()
        row = db.session.get(AgentRow, agent_id, with_for_update=True, populate_existing=True)
        if wish.leaving is not None and (row is None or row.node_id != wish.leaving):
            raise ActionRefused(f"{agent_id} is not on {wish.leaving} any more")
        jobs.make_way(agent_id)
        change = changing.carry_out(wish, agent_id, row)
        db.session.flush()
        job_id = jobs.add(by, agent_id, wish, change, parent_id)
        connection = db.session.connection()
        told = change.told or (change.node_id,)
        if change.told:
            placement.note_changes(connection, [agent_id], told, placed=change.placed)
        jobs.watch(connection, told, job_id)
        history.note(connection, agent_id, wish.action, change.node_id, f"{wish.action.title()} asked for by {by.name}")
        look(connection, list(told))
        audit.record(by, f"agent.{wish.action}", agent_id, detail={"jobId": str(job_id), **change.target})
        for node_id in told:
            after_commit(partial(nudging.nudge, node_id))
    return job_id


def request_many(by: Actor, agent_ids: Sequence[str], wish: Wish) -> Asked:
    """The same for several agents, as one job with a part for each. Raises ActionRefused when none can be acted on."""
    whole, parts, left_out = uuid4(), {}, {}
    for agent_id in dict.fromkeys(agent_ids):
        try:
            parts[agent_id] = request(by, agent_id, wish, whole)
        except MusterError as refusal:
            left_out[agent_id] = str(refusal)
    if not parts:
        reasons = "; ".join(f"{agent_id}: {why}" for agent_id, why in list(left_out.items())[:3])
        raise ActionRefused(f"Nothing was done: {reasons or 'no agents were chosen'}")
    with transaction():
        jobs.add_whole(by, whole, wish, parts)
        look(db.session.connection(), [])
        detail = {"jobId": str(whole), "leftOut": len(left_out)}
        audit.record(by, f"agents.{wish.action}", f"{len(parts)} agents", detail=detail)
    return Asked(whole, parts, left_out)
