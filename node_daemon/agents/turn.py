"""Wishes about the agents of this node, one after the other."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Iterator

from node_daemon.agents.supervisor import SupervisorBusy

LONGEST_TURN = 20.0


class Turn:
    """One restart, stop or start at a time: two at once would start second copies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Have the turn, after at most LONGEST_TURN seconds. Raises SupervisorBusy."""
        if not self._lock.acquire(timeout=LONGEST_TURN):
            raise SupervisorBusy("another restart on this node has not ended yet")
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def if_free(self) -> Iterator[bool]:
        """Have the turn if nobody else has it: says whether."""
        free = self._lock.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._lock.release()
