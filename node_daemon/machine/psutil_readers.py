"""Machine and process figures from psutil, which the caller has found and imported."""

from __future__ import annotations

import os
import time
from types import ModuleType
from typing import Any, Iterable

from node_daemon.machine.readers import CpuTimes, ProcessRow


class PsutilMachine:
    """Figures of the machine on every system that psutil knows."""

    def __init__(self, psutil: ModuleType) -> None:
        self._psutil: Any = psutil

    def cpu_times(self) -> CpuTimes:
        times = self._psutil.cpu_times()._asdict()
        # Guest time is part of user time already, waiting for a disk is idle time.
        total = sum(times.values()) - times.get("guest", 0.0) - times.get("guest_nice", 0.0)
        return CpuTimes(total - times["idle"] - times.get("iowait", 0.0), total)

    def memory_usage(self) -> float:
        memory = self._psutil.virtual_memory()
        return float((memory.total - memory.available) / memory.total)

    def uptime(self) -> float:
        return max(0.0, time.time() - float(self._psutil.boot_time()))


class PsutilProcesses:
    """Figures of processes where there is no /proc."""

    def __init__(self, psutil: ModuleType) -> None:
        self._psutil: Any = psutil

    def process(self, pid: int) -> ProcessRow | None:
        try:
            process = self._psutil.Process(pid)
            with process.oneshot():
                return self._row(process, os.getsid(pid))
        except (self._psutil.Error, OSError):
            return None

    def members(self, sessions: Iterable[int]) -> list[ProcessRow]:
        wanted = set(sessions)
        if not wanted:
            return []
        rows = [self.process(pid) for pid in self._psutil.pids() if _session(pid) in wanted]
        return [row for row in rows if row is not None]

    def started_with(self, entry: str) -> list[ProcessRow]:
        leaders = [pid for pid in self._psutil.pids() if _session(pid) == pid and self._has(pid, entry)]
        return [row for row in map(self.process, leaders) if row is not None]

    def _has(self, pid: int, entry: str) -> bool:
        key, _, value = entry.partition("=")
        try:
            return bool(self._psutil.Process(pid).environ().get(key) == value)
        except (self._psutil.Error, OSError):
            return False  # somebody else's process, or gone

    def _row(self, process: Any, session: int) -> ProcessRow:
        is_zombie = process.status() == self._psutil.STATUS_ZOMBIE
        times = None if is_zombie else process.cpu_times()
        return ProcessRow(
            pid=process.pid,
            session=session,
            identity=f"{process.create_time():.2f}",
            is_zombie=is_zombie,
            cpu_seconds=times.user + times.system if times else 0.0,
            memory_bytes=0 if is_zombie else process.memory_info().rss,
        )


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return -1
