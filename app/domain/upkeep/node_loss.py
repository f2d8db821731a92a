"""When the agents of a node that is not heard any more may be started elsewhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.agents.proof import Sight, lease_is_over
from app.domain.agents.spec import OnNodeLoss
from app.domain.nodes.status import is_mass_outage

# Told once, when a node is announced as silent.
ON_LOSS: Mapping[str, str] = {
    OnNodeLoss.STAY.value: "was lost; it goes on there if the machine runs",
    OnNodeLoss.STOP.value: "was lost; the node stops it when its lease runs out, and starts it again when it is back",
    OnNodeLoss.MOVE.value: "was lost; it is started elsewhere when its lease has surely run out",
}


def is_probably_us(outage_since: datetime | None, late: int, fresh: int) -> bool:
    """Whether so many nodes are late at once that the cause is probably ours: then nothing is moved.

    `late` counts nodes that should have beaten by now, whether they count as silent yet or not: of a fleet that cannot
    reach us, the first one to be silent is none that was lost.
    """
    return outage_since is not None or is_mass_outage(late, late + fresh)


def may_move(sight: Sight, lease_seconds: int, now: datetime) -> bool:
    """Whether the copy on the lost node has surely ended, so that another one may be started."""
    return lease_is_over(OnNodeLoss.MOVE, lease_seconds, sight, now)


def sight_of(node: Any, lease_revision: int, up: bool, copy: Mapping[str, Any] | None = None) -> Sight:
    """A node's copy of an agent, as far as its lease is concerned."""
    seen = -1 if node.assignments_seen is None else node.assignments_seen
    return Sight(node.node_id, up, node.last_heartbeat, False, copy, seen >= lease_revision)
