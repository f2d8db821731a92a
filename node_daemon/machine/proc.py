"""Machine and process figures straight from Linux's /proc: needs nothing but the standard library."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterable

from node_daemon.machine.readers import CpuTimes, ProcessRow

PROC = Path("/proc")
TICK = float(os.sysconf("SC_CLK_TCK"))
PAGE = int(os.sysconf("SC_PAGE_SIZE"))


def available() -> bool:
    return (PROC / "self" / "stat").exists()


class ProcMachine:
    """Reads /proc/stat, /proc/meminfo and /proc/uptime."""

    def cpu_times(self) -> CpuTimes:
        return parse_cpu(_text("stat"))

    def memory_usage(self) -> float:
        return parse_memory(_text("meminfo"))

    def uptime(self) -> float:
        return float(_text("uptime").split()[0])


class ProcProcesses:
    """Reads /proc/<pid>/stat."""

    def __init__(self) -> None:
        try:
            # Start times count from boot: without the boot, a process of yesterday could look like today's.
            self._boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()[:8]
        except OSError:
            self._boot = "boot"

    def process(self, pid: int) -> ProcessRow | None:
        try:
            return parse_stat((PROC / str(pid) / "stat").read_bytes(), self._boot)
        except OSError:
            return None

    def members(self, sessions: Iterable[int]) -> list[ProcessRow]:
        wanted = set(sessions)
        return [row for row in self._all() if row.session in wanted] if wanted else []

    def started_with(self, entry: str) -> list[ProcessRow]:
        return [row for row in self._all() if row.session == row.pid and entry.encode() in _environment(row.pid)]

    def _all(self) -> list[ProcessRow]:
        rows = (self.process(int(path.name)) for path in PROC.iterdir() if path.name.isdigit())
        return [row for row in rows if row is not None]


def parse_cpu(stat: str) -> CpuTimes:
    """The first line of /proc/stat. Guest time is part of user time already, waiting for a disk is idle time."""
    user, nice, system, idle, iowait, irq, softirq, steal = (int(part) for part in stat.split(None, 9)[1:9])
    busy = user + nice + system + irq + softirq + steal
    return CpuTimes(busy / TICK, (busy + idle + iowait) / TICK)


def parse_memory(meminfo: str) -> float:
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in meminfo.splitlines() if ":" in line}
    total = kilobytes["MemTotal"]
    return (total - kilobytes.get("MemAvailable", kilobytes["MemFree"])) / total


def parse_stat(stat: bytes, boot: str) -> ProcessRow:
    """One /proc/<pid>/stat. The name is in brackets and may itself hold spaces and brackets."""
    pid, rest = stat.split(b" ", 1)
    fields = rest[rest.rindex(b")") + 2 :].split()
    return ProcessRow(
        pid=int(pid),
        session=int(fields[3]),
        identity=f"{boot}:{int(fields[19])}",
        is_zombie=fields[0] in (b"Z", b"X", b"x"),
        cpu_seconds=(int(fields[11]) + int(fields[12])) / TICK,
        memory_bytes=int(fields[21]) * PAGE,
    )


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # somebody else's process, or gone


def _text(name: str) -> str:
    return (PROC / name).read_text()
