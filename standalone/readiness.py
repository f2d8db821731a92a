"""Waiting until a started process does its work, with a deadline and an early end when it dies."""

from __future__ import annotations

import time
from collections.abc import Callable

from standalone.errors import StandaloneError
from standalone.process import Process


def wait_until(ready: Callable[[], bool], process: Process, seconds: float, pause: float = 0.05) -> None:
    """Return once `ready` says so; raise with the end of the log if the process dies or the time is up."""
    deadline = time.monotonic() + seconds
    while not ready():
        code = process.exit_code()
        if code is not None:
            raise StandaloneError(f"{process.name} ended with code {code}:\n{process.last_lines()}")
        if time.monotonic() > deadline:
            raise StandaloneError(f"{process.name} did not answer within {seconds:.0f} s:\n{process.last_lines()}")
        time.sleep(pause)
