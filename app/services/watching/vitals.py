"""What this web process did over the last minute; it tells with the pulse, so that every process can show all."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from flask import Flask, current_app

WINDOW = 60  # seconds


@dataclass(slots=True)
class Tally:
    """Heartbeats that were committed, in how many batches, and how long all of them together had waited."""

    heartbeats: int = 0
    batches: int = 0
    waited_seconds: float = 0.0


def init_app(app: Flask) -> None:
    """Make the vitals of this process."""
    app.extensions["vitals"] = Vitals()


def vitals() -> "Vitals":
    """The vitals of the current app."""
    found: Vitals = current_app.extensions["vitals"]
    return found


class Vitals:
    """Counts by the second, and forgets what is older than the window."""

    def __init__(self) -> None:
        self.count_streams: Callable[[], int] = lambda: 0
        self._seconds: deque[tuple[int, Tally]] = deque()
        self._lock = Lock()

    def note_batch(self, waits: Sequence[float], now: float | None = None) -> None:
        """Count a committed batch: how many seconds each of its heartbeats had waited."""
        if not waits:
            return
        second = int(time.monotonic() if now is None else now)
        with self._lock:
            if not self._seconds or self._seconds[-1][0] != second:
                self._seconds.append((second, Tally()))
                self._forget(second)
            tally = self._seconds[-1][1]
            tally.heartbeats += len(waits)
            tally.batches += 1
            tally.waited_seconds += sum(waits)

    def tally(self, now: float | None = None) -> Tally:
        """The sum over the last minute."""
        with self._lock:
            self._forget(int(time.monotonic() if now is None else now))
            tallies = [tally for _, tally in self._seconds]
        return Tally(
            sum(tally.heartbeats for tally in tallies),
            sum(tally.batches for tally in tallies),
            sum(tally.waited_seconds for tally in tallies),
        )

    def _forget(self, second: int) -> None:
        while self._seconds and self._seconds[0][0] <= second - WINDOW:
            self._seconds.popleft()
