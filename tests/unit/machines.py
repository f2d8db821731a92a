"""Nodes as a filter and an order see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Issue:
    code: str


@dataclass(frozen=True)
class Machine:
    node_id: str = "node-1"
    name: str = "Edge One"
    host: str = "edge1.example.net"
    platform: str = "linux"
    arch: str = "x86_64"
    version: str = "0.5.324"
    status: str = "online"
    capabilities: tuple[str, ...] = ("GPU", "voice")
    agents: tuple[str, ...] = ("scout", "writer")
    labels: Mapping[str, str] = field(default_factory=lambda: {"region": "eu", "Rack": "B2"})
    cpu_usage: float | None = 0.29
    memory_usage: float | None = 0.5
    disk_usage: float | None = None
    cpu_count: int = 8
    memory_mb: int = 16000
    schedulable: bool = True
    issues: tuple[Issue, ...] = (Issue("memory_pressure"),)
    last_heartbeat: datetime | None = NOON
    registered_at: datetime | None = NOON
