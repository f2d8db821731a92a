"""Ends open streams whose session or API token does not count any more."""

import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.domain.errors import TooManyRequests
from app.services import identity

MOST = 100  # streams of one session or API token in this process: each holds a connection
LONGEST = 10.0  # seconds from one look to the next: a stream ends within 15 s after its session
log = logging.getLogger(__name__)


class Guard:
    """Looks up what all streams of this process came with, by one query at each keep-alive."""

    def __init__(self, still_valid: Callable[[Collection[bytes]], frozenset[bytes]], every: float) -> None:
        self.still_valid, self.every = still_valid, every
        self._open: dict[object, tuple[bytes, Callable[[], object]]] = {}
        self._lock: Any = Lock()
        self._started = False

    def make_room(self, proof: bytes | None) -> None:
        """Raises TooManyRequests when what comes now has so many streams open already."""
        if proof is not None and sum(proof == other for other, _ in list(self._open.values())) >= MOST:
            raise TooManyRequests(15, f"{MOST} streams are open for this sign-in or token: close some of them first")

    @contextmanager
    def watching(self, proof: bytes | None, end: Callable[[], object]) -> Iterator[None]:
        """Call `end` once what the stream came with does not count any more; without a proof nobody has to sign in."""
        if proof is None:
            yield
            return
        self._start()
        mark = object()
        self._open[mark] = (proof, end)
        try:
            yield
        finally:
            self._open.pop(mark, None)

    def look(self) -> None:
        """End what is to be ended. While the database does not answer, streams stay: it tells them nothing either."""
        watched = list(self._open.values())
        if not watched:
            return
        try:
            valid = self.still_valid({proof for proof, _ in watched})
        except SQLAlchemyError as failure:
            log.warning("sessions of open streams were not looked up: %s", type(failure).__name__)
            return
        for proof, end in watched:
            if proof not in valid:
                end()

    def _start(self) -> None:
        with self._lock:
            if not self._started:
                self._started = True
                Thread(target=self._run, name="stream-guard", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(min(self.every, LONGEST))
            self.look()


def init_app(app: Flask) -> None:
    """Make the guard of this process; it begins to look with the first stream."""

    def still_valid(fingerprints: Collection[bytes]) -> frozenset[bytes]:
        with app.app_context():
            return identity.still_valid(fingerprints)

    keep_alive = app.extensions["settings"].stream_keep_alive.total_seconds()
    app.extensions["stream_guard"] = Guard(still_valid, keep_alive)
