"""Where an agent goes, or may go: the rules of placement with what the agent needs."""

from collections.abc import Collection

from app.domain.agents.errors import NoRoomForAgent
from app.domain.agents.spec import Needs
from app.domain.placement import Decision, Demand, NoCapacity
from app.services import placement


def decide(
    needs: Needs, role: str | None, agent_id: str, node_id: str | None = None, avoid: Collection[str] = ()
) -> Decision:
    """The best node but these, or the given one if it can take the agent. Raises NodeNotFound or NoRoomForAgent."""
    demand = Demand(needs.capabilities, needs.memory_mb, needs.cpu_weight, needs.labels, assigned=True)
    try:
        if node_id is not None:
            return placement.check(node_id, demand, role, agent_id)
        return placement.choose(demand, role, agent_id, avoid)
    except NoCapacity as refusal:
        raise NoRoomForAgent(str(refusal), refusal.reasons) from refusal


def expect_room(needs: Needs, node_id: str) -> None:
    """That the node has the memory and CPU for an agent that is placed there already. Raises NoRoomForAgent."""
    reason = placement.lack_of_room(node_id, Demand(memory_mb=needs.memory_mb, cpu_weight=needs.cpu_weight))
    if reason is not None:
        raise NoRoomForAgent(f"{node_id} {reason}", [(node_id, reason)])
