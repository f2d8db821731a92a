"""Choose the node for an agent, and reserve what it needs there."""

from app.services.placement.asking import Best, best_node
from app.services.placement.deciding import check, choose, lack_of_room, take_turn
from app.services.placement.rehearsing import Rehearsal
from app.services.placement.reserving import note_changes

__all__ = ["Best", "Rehearsal", "best_node", "check", "choose", "lack_of_room", "note_changes", "take_turn"]
