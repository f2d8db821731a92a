"""A node as everybody sees it: status judged at this moment, agents that are fresh, the wire's keys."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from app.domain.nodes.health import Issue
from app.domain.nodes.status import NodeStatus, StatusReason

Json = dict[str, Any]


class Node(NamedTuple):  # as a frozen dataclass it would take four times as long to make, with each heartbeat
    """A worker node at one moment. Usage is a share from 0 to 1; None means never reported."""

    node_id: str
    name: str
    host: str
    port: int
    platform: str
    arch: str
    cpu_count: int
    memory_mb: int
    version: str
    agents: tuple[str, ...]
    capabilities: tuple[str, ...]
    status: NodeStatus
    reason: StatusReason
    registered_at: datetime
    last_heartbeat: datetime | None
    cpu_usage: float | None
    memory_usage: float | None
    disk_usage: float | None
    load_average: Sequence[float] | None
    issues: tuple[Issue, ...]
    labels: Mapping[str, str]
    metadata: Mapping[str, Any]
    schedulable: bool
    managed: bool
    cordon: Mapping[str, Any] | None = None  # why it takes no new agents: {note, until, by, since}

    @property
    def is_up(self) -> bool:
        """Online or degraded."""
        return self.status is not NodeStatus.OFFLINE


def present_agents(
    reports: Mapping[str, Mapping[str, Any]], reference: datetime | None, fresh_for: timedelta
) -> tuple[str, ...]:
    """The agents that are there, by id.

    A report with a time ("at", epoch seconds) was made by the agent itself and lasts `fresh_for`;
    one without came with the node's whole list and stays until the next list. `reference` is now for
    a node that is up and its last heartbeat for one that is not, so that going offline keeps the list.
    """
    oldest = reference.timestamp() - fresh_for.total_seconds() if reference else 0.0
    return tuple(
        sorted([a for a, said in reports.items() if "absent" not in said and said.get("at", oldest) >= oldest])
    )


def is_absent(report: Mapping[str, Any]) -> bool:
    """Whether a daemon told of an agent that should be there but is not: stopped, or crash-looping."""
    return "absent" in report


@lru_cache(maxsize=16_384)  # of a batch of heartbeats all have one time, and a node's registration keeps its own
def iso(time: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as the wire wants every time."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def to_wire(node: Node) -> Json:
    """The node object of the wire protocol, with our keys beside its own."""
    return {
        "nodeId": node.node_id,
        "name": node.name,
        "host": node.host,
        "port": node.port,
        "url": f"http://{f'[{node.host}]' if ':' in node.host else node.host}:{node.port}",
        "platform": node.platform,
        "arch": node.arch,
        "cpuCount": node.cpu_count,
        "memoryMb": node.memory_mb,
        "version": node.version,
        "agents": node.agents,
        "capabilities": node.capabilities,
        "status": node.status,
        "registeredAt": iso(node.registered_at),
        "lastHeartbeat": iso(node.last_heartbeat) if node.last_heartbeat else "",
        "metadata": _metadata(node),
        "statusReason": node.reason,
        "seen": node.last_heartbeat is not None,
        "issues": [{"code": i.code, "message": i.message, "since": iso(i.since)} for i in node.issues],
        "diskUsage": node.disk_usage,
        "loadAverage": node.load_average,
        "labels": node.labels,
        "schedulable": node.schedulable,
        "cordon": node.cordon,
        "managed": node.managed,
    }


def to_patch(wire: Json) -> Json:
    """The thin form of a node object for lists that already know the node. `seen` is epoch seconds or 0."""
    metadata, heard = wire["metadata"], wire["lastHeartbeat"]
    return {
        "id": wire["nodeId"],
        "cpu": metadata.get("cpuUsage", 0),
        "mem": metadata.get("memoryUsage", 0),
        "agents": len(wire["agents"]),
        "status": wire["status"],
        "seen": round(datetime.fromisoformat(heard).timestamp()) if heard else 0,
    }


def stats(nodes: list[Node]) -> Json:
    """Totals for the cards. CPUs, memory and agents count on nodes that are up; an agent on two nodes counts once."""
    up = [node for node in nodes if node.is_up]
    return {
        "totalNodes": len(nodes),
        "onlineNodes": sum(node.status is NodeStatus.ONLINE for node in nodes),
        "degradedNodes": sum(node.status is NodeStatus.DEGRADED for node in nodes),
        "offlineNodes": len(nodes) - len(up),
        "totalAgents": len({agent for node in up for agent in node.agents}),
        "totalCpus": sum(node.cpu_count for node in up),
        "totalMemoryMb": sum(node.memory_mb for node in up),
    }


def _metadata(node: Node) -> Json:
    usage = {"cpuUsage": node.cpu_usage, "memoryUsage": node.memory_usage}
    return {**node.metadata, **{key: value for key, value in usage.items() if value is not None}}
