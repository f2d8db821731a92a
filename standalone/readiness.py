"""Waiting for something to become true, with a deadline, and able to be interrupted by a request to stop."""

from __future__ import annotations

import time
from collections.abc import Callable

from standalone.errors import StandaloneError
from standalone.process import Process

Sleep = Callable[[float], None]


def wait_until(
    ready: Callable[[], bool], process: Process, seconds: float, sleep: Sleep = time.sleep, pause: float = 0.05
) -> None:
    """Return once `ready` says so; raise with the end of the log if the process dies or the time is up."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.exit_code() is not None:
            raise StandaloneError(death_notice(process))
        if time.monotonic() > deadline:
            raise StandaloneError(f"{process.name} did not answer within {seconds:.0f} s:\n{process.last_lines()}")
        sleep(pause)


def death_notice(process: Process) -> str:
    """What happened to a process that should be running, with the end of its log."""
    code = process.exit_code()
    how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
    return f"{process.name} {how}; the end of {process.log}:\n{process.last_lines()}"
