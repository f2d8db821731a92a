"""One sample of the machine and of the agents on it, measured over the time since the last one."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable

from node_daemon import log
from node_daemon.errors import StartError
from node_daemon.machine import bundle, proc
from node_daemon.machine.psutil_readers import PsutilMachine, PsutilProcesses
from node_daemon.machine.readers import CpuTimes, MachineReader, ProcessReader, ProcessRow

# Below this the clock's own steps (10 ms) would be seen instead of the load.
SHORTEST_WINDOW = 0.1


@dataclass(frozen=True)
class AgentLoad:
    """CPU (1 = one core) and resident memory of an agent with all processes of its session."""

    cpu_usage: float = 0.0
    memory_mb: int = 0


@dataclass(frozen=True)
class Sample:
    """Shares are 0..1 of the whole machine."""

    cpu_usage: float
    memory_usage: float
    disk_usage: float
    load_average: tuple[float, float, float]
    uptime_seconds: int
    agents: dict[int, AgentLoad]


def find_readers(cache: Path) -> tuple[MachineReader, ProcessReader]:
    """The best sources on this machine. Raises StartError where there is neither psutil nor /proc."""
    psutil = bundle.find_psutil(cache)
    if psutil is None and not proc.available():
        raise StartError("psutil is missing and this system has no /proc: install it with `pip install psutil`")
    log.debug("source of figures", machine="psutil" if psutil else "/proc")
    # Processes: /proc wherever it is, so that an identity written with psutil is known again without it.
    processes = proc.ProcProcesses() if psutil is None or proc.available() else PsutilProcesses(psutil)
    return (PsutilMachine(psutil) if psutil else proc.ProcMachine()), processes


def memory_mb() -> int:
    """The machine's memory in MiB."""
    return int(os.sysconf("SC_PAGE_SIZE")) * int(os.sysconf("SC_PHYS_PAGES")) // 2**20


class Sampler:
    """Remembers the last sample, so that taking the next one needs no waiting."""

    def __init__(self, machine: MachineReader, processes: ProcessReader, disks: Iterable[Path]) -> None:
        self._machine = machine
        self._processes = processes
        self._disks = tuple(disks)
        self._cpu, self._cpu_at = machine.cpu_times(), time.monotonic()
        self._cpu_usage: float | None = None
        self._agent_cpu: dict[tuple[int, str], float] = {}
        self._agents_at = self._cpu_at
        self._loads: dict[int, AgentLoad] = {}

    def sample(self, sessions: Iterable[int] = ()) -> Sample:
        """Now. `sessions` are the pids of the agents; each is found again in `agents`."""
        one, five, fifteen = os.getloadavg()
        return Sample(
            cpu_usage=self._measured_cpu(),
            memory_usage=_share(self._machine.memory_usage()),
            # The fullest one: a full system disk and a full home both stop an agent.
            disk_usage=max((_disk_usage(disk) for disk in self._disks), default=0.0),
            load_average=(round(one, 2), round(five, 2), round(fifteen, 2)),
            uptime_seconds=int(self._machine.uptime()),
            agents=self._measured_agents(frozenset(sessions)),
        )

    def _measured_cpu(self) -> float:
        elapsed = time.monotonic() - self._cpu_at
        if elapsed < SHORTEST_WINDOW:
            if self._cpu_usage is not None:
                return self._cpu_usage
            time.sleep(SHORTEST_WINDOW - elapsed)  # the very first sample only
        now = self._machine.cpu_times()
        self._cpu_usage = cpu_share(self._cpu, now)
        self._cpu, self._cpu_at = now, time.monotonic()
        return self._cpu_usage

    def _measured_agents(self, sessions: frozenset[int]) -> dict[int, AgentLoad]:
        if time.monotonic() - self._agents_at < SHORTEST_WINDOW and sessions <= set(self._loads):
            return {pid: self._loads[pid] for pid in sessions}
        rows, now = self._processes.members(sessions), time.monotonic()
        self._loads = {pid: self._load(pid, rows, now - self._agents_at) for pid in sessions}
        self._agent_cpu = {(row.pid, row.identity): row.cpu_seconds for row in rows}
        self._agents_at = now
        return self._loads

    def _load(self, session: int, rows: list[ProcessRow], elapsed: float) -> AgentLoad:
        own = [row for row in rows if row.session == session]
        # A process that was not there last time counts from its own start, which lies in between.
        known = self._agent_cpu
        used = sum(row.cpu_seconds - known.get((row.pid, row.identity), 0.0) for row in own if known)
        memory = sum(row.memory_bytes for row in own)
        return AgentLoad(round(max(0.0, used) / elapsed, 3) if elapsed > 0 else 0.0, memory // 2**20)


def cpu_share(before: CpuTimes, after: CpuTimes) -> float:
    """Share of all cores that was busy between two readings, 0..1."""
    total = after.total - before.total
    return _share((after.busy - before.busy) / total) if total > 0 else 0.0


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


def _disk_usage(path: Path) -> float:
    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        usage = shutil.disk_usage(str(path))
    except OSError:
        return 0.0
    # As df shows it: what only root may still use counts as neither used nor free.
    return _share(usage.used / (usage.used + usage.free)) if usage.used + usage.free else 0.0
