"""What a process and a core have used."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Reading:
    """Seconds on the clock, CPU seconds of the web process, busy seconds of the generator's core."""

    at: float
    web: float
    generator_core: float


@dataclass(frozen=True)
class Spent:
    """Between two readings."""

    seconds: float
    web_seconds: float
    generator_core_share: float

    @property
    def web_share(self) -> float:
        """Of one core."""
        return self.web_seconds / self.seconds


class Meter:
    """Reads the clocks of one web process and of the core that everything else runs on."""

    def __init__(self, web: psutil.Process, generator_core: int) -> None:
        self._web, self._core = web, generator_core

    def read(self) -> Reading:
        """The clocks now; the kernel keeps them to 10 ms."""
        mine = self._web.cpu_times()
        core = psutil.cpu_times(percpu=True)[self._core]
        idle = core.idle + getattr(core, "iowait", 0.0)
        return Reading(time.monotonic(), mine.user + mine.system, sum(core) - idle)

    def since(self, before: Reading) -> Spent:
        """What was used since a reading."""
        now = self.read()
        seconds = now.at - before.at
        return Spent(seconds, now.web - before.web, (now.generator_core - before.generator_core) / seconds)


def memory(process: psutil.Process) -> tuple[int, int]:
    """Resident bytes, and those that would be freed if it ended now (RSS, USS)."""
    used = process.memory_full_info()
    return used.rss, used.uss
