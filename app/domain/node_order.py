"""The orders of node lists; each is total, so that pages cut from it never overlap."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.node import Node
from app.domain.node_query import QueryError, shown

STATUS_RANK = {"offline": 0, "degraded": 1, "online": 2}


def sort_key(name: str) -> Callable[[Node], tuple[Any, ...]]:
    """The key function of an order; a leading `-` reverses it. Raises QueryError for an unknown name.

    status: worst first; name: A to Z; cpu, mem, disk, agents: largest first; seen: latest first;
    registered: earliest first. Nodes without the value come last either way, and equal nodes stand
    by node_id, so that the order is total and pages cut from it never overlap.
    """
    backwards = name.startswith("-")
    order = ORDERS.get(name.removeprefix("-"))
    if order is None:
        raise QueryError(f'"{shown(name)}" is not an order; use one of {", ".join(ORDERS)}, or -name', name, "sort")

    def key(node: Node) -> tuple[Any, ...]:
        value = order(node)
        if value is None:
            return (1, 0, node.node_id)
        return (0, _Reversed(value) if backwards else value, node.node_id)

    return key


def _negative(number: float | None) -> float | None:
    return None if number is None else -number


@dataclass(frozen=True)
class _Reversed:
    """Sorts the other way round, whatever it holds."""

    value: Any

    def __lt__(self, other: "_Reversed") -> bool:
        return bool(other.value < self.value)


ORDERS: Mapping[str, Callable[[Node], Any]] = {
    "status": lambda node: STATUS_RANK.get(node.status, len(STATUS_RANK)),
    "name": lambda node: node.name.casefold(),
    "cpu": lambda node: _negative(node.cpu_usage),
    "mem": lambda node: _negative(node.memory_usage),
    "disk": lambda node: _negative(node.disk_usage),
    "agents": lambda node: -len(node.agents),
    "seen": lambda node: node.last_heartbeat and -node.last_heartbeat.timestamp(),
    "registered": lambda node: node.registered_at and node.registered_at.timestamp(),
}
