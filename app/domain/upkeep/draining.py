"""How a drain ends: what was moved, and what is left on the node and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.domain.errors import MusterError
from app.domain.jobs import Outcome
from app.domain.nodes.node import Json

NAMED = 3  # agents that a sentence names
MOST_TRIES = 3  # nodes on which one agent is tried
LONGEST_START = timedelta(minutes=2)  # that a node has to start an agent before another one is tried


class DrainRunning(MusterError):
    """The node is being drained already."""

    code = "drain_running"

    def __init__(self, node_id: str, job_id: object) -> None:
        super().__init__(f"{node_id} is being drained already (job {job_id}); stop that one first")
        self.more = {"jobId": str(job_id)}


@dataclass(frozen=True)
class Left:
    """An agent that stays on the node, and why."""

    agent_id: str
    reason: str

    def wire(self) -> Json:
        """As the job keeps and shows it."""
        return {"agentId": self.agent_id, "reason": self.reason}


def may_try_again(tries: int, *, failed_by_target: bool) -> bool:
    """Whether an agent whose last move failed is to be tried on yet another node."""
    return failed_by_target and tries < MOST_TRIES


def start_within(left: timedelta, tries: int) -> timedelta:
    """How long the next node has to start the agent: it must leave time for those that may come after it."""
    return min(LONGEST_START, max(left, timedelta(seconds=1)) / (MOST_TRIES - tries))


def told(tried: Sequence[str], said: str) -> str:
    """Why an agent was not moved, with the nodes on which that was tried if they are several."""
    return said if len(tried) < 2 else f"tried on {', '.join(tried[:-1])} and {tried[-1]}: {said}"


def summary(node_id: str, moved: Sequence[str], left: Sequence[Left]) -> Outcome:
    """The end of a drain. It failed if anything is left: then the machine cannot be switched off without a loss."""
    total = len(moved) + len(left)
    if not total:
        return Outcome(True, "ok", f"{node_id} had no agents", {"moved": [], "left": []})
    said = f"{len(moved)} of {total} agent{'' if total == 1 else 's'} moved away from {node_id}"
    details = {"moved": list(moved), "left": [one.wire() for one in left]}
    if not left:
        return Outcome(True, "ok", said, details)
    named = "; ".join(f"{one.agent_id}: {one.reason}" for one in left[:NAMED])
    more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
    advice = "The node stays cordoned; make room for what is left, or stop it, and drain again"
    return Outcome(False, "agents_left", f"{said}; {named}{more}", details, advice)
