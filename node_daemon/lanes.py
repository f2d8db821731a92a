"""Work that goes on side by side, but in each lane one piece after the other."""

from __future__ import annotations

import threading
from collections import deque
from typing import Callable, Deque, Dict


class Lanes:
    """A lane has a thread of its own as long as there is work in it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Dict[str, Deque[Callable[[], None]]] = {}

    def put(self, lane: str, work: Callable[[], None]) -> None:
        """Do it when all that was put into this lane before is done. The work must not raise."""
        with self._lock:
            waiting = self._waiting.get(lane)
            if waiting is not None:
                waiting.append(work)
                return
            self._waiting[lane] = deque([work])
        threading.Thread(target=self._run, args=(lane,), daemon=True).start()

    def _run(self, lane: str) -> None:
        while True:
            with self._lock:
                if not self._waiting[lane]:
                    del self._waiting[lane]
                    return
                work = self._waiting[lane].popleft()
            work()
