"""What keeps a node from taking an agent. services/placement says the same in SQL; a test compares them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.placement.candidate import Candidate, Demand

LISTED = 3  # no list within a sentence is longer than this


@dataclass(frozen=True)
class Objection:
    """A reason in words that follow the name of one node, and those for many nodes at once, without figures."""

    of_one: str
    of_many: str


def objection(candidate: Candidate, demand: Demand) -> str | None:
    """Why this node cannot take the agent, as words that follow the node's name ("is offline"), or None."""
    found = find_objection(candidate, demand)
    return found.of_one if found else None


def find_objection(candidate: Candidate, demand: Demand) -> Objection | None:
    """The first objection, in the order in which a person would want to hear of them."""
    return _of_the_node(candidate, demand) or _of_its_kind(candidate, demand) or room_objection(candidate, demand)


def _of_the_node(candidate: Candidate, demand: Demand) -> Objection | None:
    if candidate.status == "offline":
        return Objection("is offline", "are offline")
    if not candidate.schedulable:
        return Objection("is cordoned", "are cordoned")
    if demand.assigned and not candidate.assignable:
        return Objection("has no daemon that takes agents", "have no daemon that takes agents")
    return None


def _of_its_kind(candidate: Candidate, demand: Demand) -> Objection | None:
    if missing := sorted(demand.capabilities - candidate.capabilities):
        words = listed(missing)
        return Objection(f"lacks {words}", f"lack {words}")
    if unlike := _unlike(candidate.labels, demand.labels):
        words = listed(unlike)
        return Objection(f"is not labelled {words}", f"are not labelled {words}")
    return None


def room_objection(candidate: Candidate, demand: Demand) -> Objection | None:
    """Why its memory or CPU does not suffice, or None."""
    if demand.memory_mb and candidate.free_memory_mb < demand.memory_mb:
        need = f"{demand.memory_mb} MB needed"
        free = max(candidate.free_memory_mb, 0)
        return Objection(f"has {free} MB of memory free, {need}", f"have too little memory free, {need}")
    if demand.cpu_weight and candidate.free_cpu < demand.cpu_weight:
        need = f"{demand.cpu_weight:g} needed"
        free_cpu = max(candidate.free_cpu, 0)
        return Objection(f"has {free_cpu:.1f} cores free, {need}", f"have too few cores free, {need}")
    return None


def listed(words: Sequence[str]) -> str:
    """A short list within a sentence: `a, b and c`, or `a, b, c and 4 more`."""
    if len(words) > LISTED:
        return f"{', '.join(words[:LISTED])} and {len(words) - LISTED} more"
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def _unlike(held: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in sorted(wanted.items()) if held.get(key) != value]
