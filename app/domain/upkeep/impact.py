"""What a step that takes a node out of use would do to each of its agents."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.agents.spec import OnNodeLoss, Wanted


class Blow(StrEnum):
    """A step whose consequences are asked for."""

    DRAIN = "drain"
    RESTART = "restart"
    DELETE = "delete"
    REVOKE = "revoke"


@dataclass(frozen=True)
class Target:
    """An agent on a node, as far as its fate depends on it. `command_known`: others than its node can start it."""

    agent_id: str
    registered: bool
    command_known: bool
    may_overlap: bool
    wanted: Wanted
    on_node_loss: OnNodeLoss
    lease_seconds: int


@dataclass(frozen=True)
class Fate:
    """What becomes of one agent: `goes_to` is the node that it would run on afterwards if that is another one.

    `fits_nowhere`: it should go elsewhere, and no node can take it.
    """

    reason: str
    goes_to: str | None = None
    fits_nowhere: bool = False


def unmoved(blow: Blow, target: Target) -> str | None:
    """Why the agent stays where it is, in words that follow its name; None: it is to go elsewhere."""
    if blow is Blow.RESTART:
        return "is restarted where it is"
    if not target.registered:
        return "stays: nobody registered it, so only its own node can start it"
    if not target.command_known:
        return "stays: it was adopted, and only its node knows its command"
    if blow is Blow.DRAIN:
        return None
    if blow is Blow.DELETE:
        return "is placed nowhere from then on; start it again to place it on another node"
    return _after_a_loss(target)


def moved(blow: Blow, target: Target, node_id: str) -> str:
    """How the agent gets to the node that would be chosen for it."""
    if target.wanted is Wanted.STOPPED:
        return f"is to be stopped: only its place becomes {node_id}"
    if blow is not Blow.DRAIN:
        return f"is started on {node_id} when its lease of {target.lease_seconds} s has surely run out"
    if target.may_overlap:
        return f"starts on {node_id} first, then stops here"
    return f"stops here first, then starts on {node_id}"


def _after_a_loss(target: Target) -> str | None:
    if target.wanted is Wanted.STOPPED:
        return "is to be stopped, and stays so"
    if target.on_node_loss is OnNodeLoss.STAY:
        return "goes on there, and nobody sees it any more"
    if target.on_node_loss is OnNodeLoss.STOP:
        return f"is stopped by its node when its lease of {target.lease_seconds} s runs out"
    return None
