"""Outlives a killed supervisor just long enough to end what it had started, in order, and to release its lock.

Reads `watch <pid> <signal> <stage> <seconds>` and `forget <pid>` from standard input. When that ends without a
goodbye (everything forgotten) the processes still watched are stopped stage by stage, then their groups are killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

PAUSE_SECONDS = 0.05


class Watched(NamedTuple):
    """One process that leads a group."""

    pid: int
    stop_signal: int
    stage: int
    seconds: float  # how long it may take to stop


def read_watched() -> list[Watched]:
    """Keep the list until the supervisor is gone; what it says last counts."""
    watched: dict[int, Watched] = {}
    for line in sys.stdin:
        verb, *numbers = line.split()
        pid = int(numbers[0])
        if verb == "watch":
            watched[pid] = Watched(pid, int(numbers[1]), int(numbers[2]), float(numbers[3]))
        else:
            watched.pop(pid, None)
    return sorted(watched.values(), key=lambda process: process.stage)


def end(processes: list[Watched]) -> None:
    """Stop the processes of one stage together; whoever is left in their groups at the end is killed."""
    for process in processes:
        _send(os.kill, process.pid, process.stop_signal)
    deadline = time.monotonic() + max(process.seconds for process in processes)
    while any(is_alive(process.pid) for process in processes) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    for process in processes:
        _send(os.killpg, process.pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether it runs; a zombie that nobody collects (a container without an init) does not."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - no import of pathlib
        return stat.read().rpartition(")")[2].split()[0] != "Z"
    return _send(os.kill, pid, 0)


def _send(send: Callable[[int, int], None], pid: int, number: int) -> bool:
    try:
        send(pid, number)
    except OSError:
        return False
    return True


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    watched = read_watched()
    for stage in sorted({process.stage for process in watched}):
        end([process for process in watched if process.stage == stage])


if __name__ == "__main__":
    main()
