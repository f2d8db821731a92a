"""What can be done with an agent."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.domain.jobs import JobKind, Outcome


class Action(StrEnum):
    """What a person or a script asks for."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    MOVE = "move"


@dataclass(frozen=True)
class Wish:
    """What is to be done; where to, for a move (None: the best node); until when, for a node that is away.

    `leaving`: only if it is on that node still. `within`: how long it may take at most, whatever is usual.
    `avoid`: nodes that a move does not go to; `start_within`: how long its new node has to start the agent.
    """

    action: Action
    node_id: str | None = None
    expiry: timedelta = timedelta(hours=1)
    leaving: str | None = None
    within: timedelta | None = None
    avoid: frozenset[str] = frozenset()
    start_within: timedelta | None = None


KINDS = {
    Action.START: JobKind.START_AGENT,
    Action.STOP: JobKind.STOP_AGENT,
    Action.RESTART: JobKind.RESTART_AGENT,
    Action.MOVE: JobKind.MOVE_AGENT,
}
REPLACED = Outcome(False, "replaced", "A newer action took its place")
