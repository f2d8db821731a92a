"""Group commit: while one batch is being written, the next gathers; an idle process writes at once."""

import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from app.domain.errors import Unavailable

T = TypeVar("T")
R = TypeVar("R")
log = logging.getLogger(__name__)


@dataclass
class _Batch(Generic[T, R]):
    """What gathers under distinct keys; `done` is set when results (or the failure) are in."""

    items: dict[Hashable, T] = field(default_factory=dict)
    joined: dict[Hashable, float] = field(default_factory=dict)  # when, by the monotonic clock
    results: dict[Hashable, R] = field(default_factory=dict)
    failure: Exception | None = None
    begun: bool = False
    done: Event = field(default_factory=Event)


class GroupCommit(Generic[T, R]):
    """Joins calls of `submit` from many threads into few calls of `write`.

    Batches begin at least `pace` seconds apart: a fast disk would otherwise make batches of one.
    `write` gets the items of a batch and returns one result per item, in order, after its commit.
    Two items with the same key never share a batch: the later one goes into the next. Whatever
    `write` raises is raised to every caller of that batch. `observe` is told of each written batch when
    its keys joined it (monotonic seconds). The thread starts with the first call,
    so that it belongs to the process that serves (and is a greenlet under gevent).
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], Sequence[R]],
        deadline: float,
        pace: float = 0.0,
        max_batch: int = 500,
        observe: Callable[[Mapping[Hashable, float]], None] = lambda _joined: None,
    ) -> None:
        self._write, self._deadline, self._pace, self._max_batch = write, deadline, pace, max_batch
        self._observe = observe
        self._lock, self._wake = Lock(), Event()
        self._waiting: list[_Batch[T, R]] = []
        self._thread: Thread | None = None

    def submit(self, key: Hashable, item: T) -> R:
        """Hand in one item and wait for its result. Raises Unavailable after `deadline` seconds."""
        batch = self._join(key, item)
        if not batch.done.wait(self._deadline):
            self._give_up(batch, key)
            raise Unavailable("The database did not take the heartbeat in time; it will be asked again")
        if batch.failure is not None:
            raise batch.failure
        return batch.results[key]

    def _join(self, key: Hashable, item: T) -> _Batch[T, R]:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="group-commit", daemon=True)
                self._thread.start()
            batch = next((b for b in self._waiting if key not in b.items and len(b.items) < self._max_batch), None)
            if batch is None:
                batch = _Batch()
                self._waiting.append(batch)
            batch.items[key], batch.joined[key] = item, time.monotonic()
            self._wake.set()
            return batch

    def _give_up(self, batch: _Batch[T, R], key: Hashable) -> None:
        """Take back what nobody waits for any more: it must not be written later, as if it had come then."""
        with self._lock:
            if not batch.begun:
                batch.items.pop(key, None)
                batch.joined.pop(key, None)

    def _run(self) -> None:
        begun = 0.0
        while True:
            self._wake.wait()
            time.sleep(max(begun + self._pace - time.monotonic(), 0))
            begun = time.monotonic()
            batch = self._next()
            try:
                if batch.items:
                    batch.results = dict(zip(batch.items, self._write(list(batch.items.values())), strict=True))
                    self._observe(batch.joined)
            except Exception as failure:  # noqa: BLE001 - whatever it is belongs to the callers; this loop must go on
                log.warning("heartbeat batch failed: %s", type(failure).__name__)
                batch.failure = failure
            batch.done.set()

    def _next(self) -> _Batch[T, R]:
        with self._lock:
            batch = self._waiting.pop(0)
            batch.begun = True
            if not self._waiting:
                self._wake.clear()
            return batch
