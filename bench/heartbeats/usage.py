"""What a process and a core have used."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Reading:
    """Seconds on the clock, CPU seconds of the web process, busy seconds of both cores."""

    at: float
    web: float
    web_core: float
    generator_core: float


@dataclass(frozen=True)
class Spent:
    """Between two readings. Shares are of one core."""

    seconds: float
    web_seconds: float
    generator_core_share: float
    strangers_share: float  # what the web process had to share its core with, the kernel's own work included

    @property
    def web_share(self) -> float:
        """Of its core."""
        return self.web_seconds / self.seconds


class Meter:
    """Reads the clocks of one web process and of the two cores."""

    def __init__(self, web: psutil.Process, web_core: int, generator_core: int) -> None:
        self._web, self._cores = web, (web_core, generator_core)

    def read(self) -> Reading:
        """The clocks now; the kernel keeps them to 10 ms."""
        mine = self._web.cpu_times()
        cores = psutil.cpu_times(percpu=True)
        web_core, generator_core = (sum(cores[n]) - cores[n].idle - cores[n].iowait for n in self._cores)
        return Reading(time.monotonic(), mine.user + mine.system, web_core, generator_core)

    def since(self, before: Reading) -> Spent:
        """What was used since a reading."""
        now = self.read()
        seconds, web = now.at - before.at, now.web - before.web
        strangers = max(now.web_core - before.web_core - web, 0.0)
        return Spent(seconds, web, (now.generator_core - before.generator_core) / seconds, strangers / seconds)


def memory(process: psutil.Process) -> tuple[int, int]:
    """Resident bytes, and those that would be freed if it ended now (RSS, USS)."""
    used = process.memory_full_info()
    return used.rss, used.uss
