"""A node is removed: agents that were placed there are nowhere, and those on their way to it stay where they are."""

from sqlalchemy import Connection, text

from app.domain.jobs import Outcome
from app.services import placement
from app.services.agents import history
from app.services.agents.acts.ending import end

_RELEASE = text("""
UPDATE agents SET node_id = NULL, moving_to = NULL, epoch = epoch + 1, settled_at = NULL, changed_at = now()
WHERE node_id = :node_id RETURNING agent_id
""")
_STAY = text("UPDATE agents SET moving_to = NULL WHERE moving_to = :node_id RETURNING agent_id, node_id")
_MOVES = text(
    "SELECT id FROM jobs WHERE agent_id = ANY(:agent_ids) AND kind = 'move_agent' AND state IN ('queued', 'running')"
)


def release(connection: Connection, node_id: str) -> None:
    """Within the caller's transaction, before it locks the node. Nobody starts them elsewhere: they may run there."""
    placement.take_turn()
    agents = sorted(connection.execute(_RELEASE, {"node_id": node_id}).scalars())
    for agent_id in agents:
        sentence = f"{node_id} was removed: start it to place it on another node"
        history.note(connection, agent_id, "node_removed", node_id, sentence)
    stay = connection.execute(_STAY, {"node_id": node_id}).all()
    on_their_way = [row.agent_id for row in stay]
    if stay:
        placement.note_changes(connection, on_their_way, {row.node_id for row in stay})
    for job_id in connection.execute(_MOVES, {"agent_ids": [*agents, *on_their_way]}).scalars().all():
        end(connection, job_id, Outcome(False, "node_removed", f"{node_id} was removed meanwhile"))
