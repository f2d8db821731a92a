"""What a source of machine figures must be able to say; /proc and psutil are the two sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, NamedTuple, Protocol


class CpuTimes(NamedTuple):
    """Seconds since boot, summed over all cores."""

    busy: float
    total: float


@dataclass(frozen=True)
class ProcessRow:
    """One process. `identity` tells it apart from a later process with the same pid."""

    pid: int
    session: int
    identity: str
    is_zombie: bool
    cpu_seconds: float
    memory_bytes: int


class MachineReader(Protocol):
    """Figures of the whole machine."""

    def cpu_times(self) -> CpuTimes: ...

    def memory_usage(self) -> float:
        """Share of the memory that is not available to a new program, 0..1."""

    def uptime(self) -> float:
        """Seconds since the machine was started."""


class ProcessReader(Protocol):
    """Figures of processes."""

    def process(self, pid: int) -> ProcessRow | None:
        """The process with this pid, a zombie too; None when there is none."""

    def members(self, sessions: Iterable[int]) -> list[ProcessRow]:
        """Every process of these sessions (a session has the pid of its first process)."""

    def started_with(self, entry: str) -> list[ProcessRow]:
        """Session leaders that were started with this `KEY=value` in their environment."""
