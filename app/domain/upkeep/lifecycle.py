"""Upgrade and uninstall of daemons: which nodes an upgrade is for, in which order, and why one is not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.errors import MusterError
from app.domain.jobs import Step
from app.domain.nodes.node import Node

BUILD = "build"  # the key in a node's metadata: the checksum of the program that its daemon runs from
NOT_MANAGED = "no Muster daemon runs there"
FROM_SOURCE = "its daemon does not say which build it is: deploy it again"
OFFLINE = "it is offline"
UP_TO_DATE = "it has this build already"

PLAN = (
    Step("first", "Upgrade the first"),
    Step("watch", "Watch them"),
    Step("others", "Upgrade the others"),
)


class NodeNotFit(MusterError):
    """This cannot be done to this node as it is; the sentence says why."""

    code = "node_not_fit"


class NodeBusy(MusterError):
    """Another upgrade or uninstall of this node has not ended."""

    code = "node_busy"

    def __init__(self, node_id: str, job_id: object) -> None:
        super().__init__(f"An upgrade or uninstall of {node_id} is at work already (job {job_id}); wait for its end")
        self.more = {"jobId": str(job_id)}


@dataclass(frozen=True)
class Rollout:
    """An upgrade of many nodes, as its job keeps it. Times are seconds."""

    sha256: str
    version: str
    nodes: tuple[str, ...]
    canary: int = 1
    watch_seconds: int = 60
    at_once: int = 10

    @property
    def first(self) -> tuple[str, ...]:
        """Those that go ahead."""
        return self.nodes[: self.canary]

    @property
    def others(self) -> tuple[str, ...]:
        """Those that follow when the first ones are well."""
        return self.nodes[self.canary :]

    def stored(self) -> dict[str, Any]:
        """As the job's row keeps it."""
        return {**vars(self), "nodes": list(self.nodes)}

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "Rollout":
        """Back from the job's row."""
        return cls(**{**stored, "nodes": tuple(stored["nodes"])})


def objection(node: Node, sha256: str) -> str | None:
    """Why a node cannot be upgraded to this build now; None if it can."""
    build = node.metadata.get(BUILD)
    tests = (
        (not node.managed, NOT_MANAGED),
        (not build, FROM_SOURCE),
        (build == sha256, UP_TO_DATE),
        (not node.is_up, OFFLINE),
    )
    return next((why for is_so, why in tests if is_so), None)


def sorted_out(nodes: Iterable[Node], sha256: str) -> tuple[list[str], dict[str, str]]:
    """The ids of those that can be upgraded, and by id why the others cannot."""
    fit: list[str] = []
    left_out: dict[str, str] = {}
    for node in sorted(nodes, key=lambda one: one.node_id):
        why = objection(node, sha256)
        if why is None:
            fit.append(node.node_id)
        else:
            left_out[node.node_id] = why
    return fit, left_out


def stopped(done: int, total: int, failures: Sequence[str]) -> str:
    """Why a rollout went no further."""
    said = "; ".join(failures[:3]) + (f" and {len(failures) - 3} more" if len(failures) > 3 else "")
    return f"Stopped: {said}. {done} of {total} were upgraded, the rest was left as it is"
