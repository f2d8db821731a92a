"""One reading of the database for all who ask at the same time, as many pages do after a restart."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Generic, TypeVar

from app.domain.errors import Unavailable

T = TypeVar("T")
LONGEST_WAIT = 10.0  # seconds for the reading of somebody else
HELD = 0.5  # seconds in which those who waited take a reading that lasts for nobody else


@dataclass(frozen=True)
class _Reading(Generic[T]):
    value: T
    began_at: float
    good_until: float


class SharedReading(Generic[T]):
    """Hands a reading to everybody who asked before it began, so that nobody sees less than what is true now.

    With `good_for` (seconds) it also serves who comes later: what is dear to read may be a little old. Its failure is
    for everybody who waited meanwhile: a database that hangs would else keep one after the other waiting.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest: _Reading[T] | None = None
        self._failure: tuple[float, Exception] | None = None  # when, by the monotonic clock
        self.waiting = 0

    def get(self, read: Callable[[], T], good_for: Callable[[T], float] = lambda _: 0.0) -> T:
        """The newest reading, or one made now. Raises Unavailable when those before take too long."""
        asked_at = time.monotonic()
        self._wait()
        try:
            if self._failure is not None and self._failure[0] > asked_at:
                raise self._failure[1]
            newest = self._newest
            if newest is None or (newest.began_at < asked_at and newest.good_until <= time.monotonic()):
                newest = self._newest = self._make(read, good_for)
            return newest.value
        finally:
            self._lock.release()

    def _wait(self) -> None:
        self.waiting += 1
        try:
            if not self._lock.acquire(timeout=LONGEST_WAIT):
                raise Unavailable("The control plane is busy; ask again in a few seconds")
        finally:
            self.waiting -= 1

    def _make(self, read: Callable[[], T], good_for: Callable[[T], float]) -> _Reading[T]:
        began_at = time.monotonic()
        try:
            value = read()
        except Exception as failure:
            self._failure = time.monotonic(), failure
            raise
        self._failure = None
        lasts = good_for(value)
        made = _Reading(value, began_at, time.monotonic() + lasts)
        forgetting = Timer(max(lasts, HELD), self._forget, [made])  # a fleet is big, and nobody may ask again
        forgetting.daemon = True
        forgetting.start()
        return made

    def _forget(self, made: _Reading[T]) -> None:
        if self._newest is made:
            self._newest = None
