"""One snapshot of the fleet for all viewers that come within a moment, as they do after a restart."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from app.api.streaming import frames
from app.domain.nodes.node import Node

GOOD_FOR = 2.0  # seconds


@dataclass(frozen=True)
class Snapshot:
    """Frames of every node as it was at a position of the event log, or later."""

    position: str | None
    chunks: tuple[bytes, ...]
    taken_at: float


class Snapshots:
    """Keeps the newest snapshot for a moment."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest: Snapshot | None = None

    def take(self, position: str | None, read: Callable[[], list[Node]]) -> Snapshot:
        """The kept snapshot, or one taken now; who comes meanwhile waits for that one."""
        with self._lock:
            kept = self._newest
            if kept is not None and position is not None and time.monotonic() - kept.taken_at < GOOD_FOR:
                return kept
            return self._take(position, read)

    def take_fresh(self, position: str | None, read: Callable[[], list[Node]]) -> Snapshot:
        """A snapshot taken now."""
        with self._lock:
            return self._take(position, read)

    def _take(self, position: str | None, read: Callable[[], list[Node]]) -> Snapshot:
        chunks = tuple(frames.snapshot(read(), position or frames.UNFINISHED))
        made = Snapshot(position, chunks, time.monotonic())
        # Without a position nobody could bring it up to date later.
        self._newest = made if position is not None else None
        return made
