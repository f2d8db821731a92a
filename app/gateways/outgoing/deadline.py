"""Deadlines are monotonic times, in seconds."""

import time


def left(deadline: float) -> float:
    """Seconds until then, never zero: that would mean to wait for ever, or not to block."""
    return max(deadline - time.monotonic(), 0.001)


def passed(deadline: float) -> bool:
    """Whether the time is up."""
    return time.monotonic() >= deadline
