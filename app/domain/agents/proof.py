"""When an action on an agent is done: by what its node reports next, never by what was asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.agents.spec import OnNodeLoss
from app.domain.jobs import Outcome
from app.domain.nodes.node import is_absent

# After the end of a lease, until the copy is surely gone: 10 s of grace, SIGKILL, and clocks that differ in pace.
LEASE_MARGIN = timedelta(seconds=30)
LEASED = (OnNodeLoss.STOP, OnNodeLoss.MOVE)


@dataclass(frozen=True)
class Sight:
    """What is known of one agent's copy on one node. `copy` is the last report of it; None: the node names none.

    `informed`: the daemon carries out what it was last told about this agent, so that its report is an answer to it.
    `bound`: it has heard of the agent's lease.
    """

    node_id: str
    up: bool
    heard_at: datetime | None
    informed: bool
    copy: Mapping[str, Any] | None
    bound: bool = False

    @property
    def state(self) -> str:
        """Of the copy, as reported; a list without details says no more than that it runs."""
        if self.copy is None:
            return "gone"
        return str(self.copy.get("state") or ("stopped" if is_absent(self.copy) else "running"))

    def runs(self, epoch: int) -> bool:
        """Whether the copy of this epoch is at work."""
        return self.state == "running" and (self.copy or {}).get("epoch", epoch) == epoch

    @property
    def is_gone(self) -> bool:
        """Whether the node said, knowing what it should do, that no process is left."""
        return self.informed and self.state not in ("running", "starting")


def lease_is_over(policy: OnNodeLoss, lease_seconds: int, sight: Sight, now: datetime) -> bool:
    """Whether a copy on a silent node has surely been stopped by its own daemon.

    Only for a lease that the daemon has heard of: another one binds it to nothing.
    """
    if sight.up or not sight.bound or policy not in LEASED or sight.heard_at is None:
        return False
    return now > sight.heard_at + timedelta(seconds=lease_seconds) + LEASE_MARGIN


def started(sight: Sight, epoch: int) -> Outcome | None:
    """The proof that the agent runs."""
    if not sight.runs(epoch):
        return None
    told = {key: (sight.copy or {}).get(key) for key in ("pid", "startedAt")}
    process = f" as process {told['pid']}" if told["pid"] else ""
    return Outcome(True, "ok", f"Runs on {sight.node_id}{process}", {"nodeId": sight.node_id, **told})


def stopped(sight: Sight) -> Outcome | None:
    """The proof that the agent is stopped."""
    if not sight.is_gone:
        return None
    return Outcome(True, "ok", f"Stopped on {sight.node_id}", {"nodeId": sight.node_id})


def not_started(sight: Sight, epoch: int) -> Outcome:
    """What is said when the time is over and the agent was not seen at work."""
    return _too_late(sight, "not_started", _why_not_at_work(sight, epoch))


def not_stopped(sight: Sight) -> Outcome:
    """What is said when the time is over and the agent was not seen gone."""
    pid = (sight.copy or {}).get("pid")
    return _too_late(sight, "not_stopped", f"process {pid} still runs" if pid else f"it is {sight.state}")


def _too_late(sight: Sight, code: str, seen: str) -> Outcome:
    if not sight.up:
        heard = f"was last heard at {_clock(sight.heard_at)}" if sight.heard_at else "was never heard"
        advice = "It is done when the node is back, unless you undo it"
        return Outcome(False, "node_away", f"{sight.node_id} {heard}, so nothing was seen", advice=advice)
    if not sight.informed:
        return Outcome(False, "not_taken_up", f"The daemon of {sight.node_id} has not taken this up; {seen}")
    return Outcome(False, code, f"{sight.node_id} reports: {seen}")


def _why_not_at_work(sight: Sight, epoch: int) -> str:
    copy = sight.copy or {}
    if sight.state == "running":
        return f"an older copy runs (epoch {copy.get('epoch')}, not {epoch})"
    if sight.state == "gone":
        return "it names no such agent"
    ended = f", its last exit code was {copy['exitCode']}" if "exitCode" in copy else ""
    return f"it is {sight.state.replace('_', '-')}{ended}"


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M:%S} UTC"
