"""Waiting in tests: until something is so, never longer than a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(is_so: Callable[[], object], seconds: float = 15.0) -> None:
    """Return as soon as it is so; fail after that many seconds."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {seconds:.0f} s"
        time.sleep(0.02)
