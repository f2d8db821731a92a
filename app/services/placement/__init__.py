"""Choose the node for an agent, and reserve what it needs there."""

from app.services.placement.asking import Best, best_node
from app.services.placement.deciding import check, choose, take_turn
from app.services.placement.reserving import note_changes

__all__ = ["Best", "best_node", "check", "choose", "note_changes", "take_turn"]
