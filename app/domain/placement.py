"""Which node should take an agent, and why the others cannot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

NAMED = 5  # up to so many refusals are told node by node, more are counted by reason
LISTED = 3  # and no list within a sentence is longer than this


@dataclass(frozen=True)
class Candidate:
    """A node as placement sees it. Usage is a share from 0 to 1; None means never reported."""

    node_id: str
    status: str
    schedulable: bool
    capabilities: frozenset[str]
    agents: int
    cpu_usage: float | None
    memory_usage: float | None
    memory_mb: int
    registered_at: datetime | None = None


@dataclass(frozen=True)
class Demand:
    """What an agent needs: all of these capabilities, and so much free memory (0: any)."""

    capabilities: frozenset[str]
    memory_mb: int = 0


class NoCapacity(Exception):
    """No node can take the agent. `reasons` holds each node's id and objection; the text sums them up."""

    def __init__(self, reasons: Sequence[tuple[str, str]], summary: str) -> None:
        super().__init__(summary)
        self.reasons = list(reasons)


def objection(candidate: Candidate, demand: Demand) -> str | None:
    """Why this node cannot take the agent, as words that follow the node's name ("is offline"), or None."""
    found = _objection(candidate, demand)
    return found.of_one if found else None


def best_node(candidates: Iterable[Candidate], demand: Demand) -> Candidate:
    """The least loaded node without an objection; the same one whatever the order of `candidates`.

    Online comes before degraded, then fewest agents, least CPU, least memory in use; node_id settles
    the rest. Usage that is not known counts as full. Raises NoCapacity.
    """
    refused: list[tuple[str, _Objection]] = []
    fitting: list[Candidate] = []
    for candidate in candidates:
        if found := _objection(candidate, demand):
            refused.append((candidate.node_id, found))
        else:
            fitting.append(candidate)
    if not fitting:
        raise NoCapacity([(node_id, found.of_one) for node_id, found in refused], _summary(refused))
    return min(fitting, key=_load)


@dataclass(frozen=True)
class _Objection:
    of_one: str
    of_many: str  # without the figures of one node, so that equal reasons can be counted


def _objection(candidate: Candidate, demand: Demand) -> _Objection | None:
    if candidate.status == "offline":
        return _Objection("is offline", "are offline")
    if not candidate.schedulable:
        return _Objection("is cordoned", "are cordoned")
    if missing := sorted(demand.capabilities - candidate.capabilities):
        words = _listed(missing)
        return _Objection(f"lacks {words}", f"lack {words}")
    free = _free_mb(candidate)
    if free < demand.memory_mb:
        need = f"{demand.memory_mb} MB needed"
        return _Objection(f"has {free} MB of memory free, {need}", f"have too little memory free, {need}")
    return None


def _free_mb(candidate: Candidate) -> int:
    """Free memory; a node that has not reported its use is taken by its size."""
    return round(candidate.memory_mb * (1 - (candidate.memory_usage or 0)))


def _load(candidate: Candidate) -> tuple[bool, int, float, float, str]:
    cpu, memory = candidate.cpu_usage, candidate.memory_usage
    return (
        candidate.status != "online",
        candidate.agents,
        1.0 if cpu is None else cpu,
        1.0 if memory is None else memory,
        candidate.node_id,
    )


def _summary(refused: Sequence[tuple[str, _Objection]]) -> str:
    if not refused:
        return "there are no nodes"
    if len(refused) <= NAMED:
        return "; ".join(f"{node_id} {found.of_one}" for node_id, found in sorted(refused, key=lambda pair: pair[0]))
    groups: dict[str, list[str]] = {}
    for _, found in refused:
        groups.setdefault(found.of_many, []).append(found.of_one)
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    counts = [f"{len(ones)} {many if len(ones) > 1 else ones[0]}" for many, ones in ranked[:NAMED]]
    if others := sum(len(ones) for _, ones in ranked[NAMED:]):
        counts.append(f"{others} for other reasons")
    return f"of {len(refused)} nodes {'; '.join(counts)}"


def _listed(words: Sequence[str]) -> str:
    if len(words) > LISTED:
        return f"{', '.join(words[:LISTED])} and {len(words) - LISTED} more"
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last
