"""Let other requests run while psycopg2 waits for Postgres, and never wait for ever."""

import time
from math import inf
from typing import Any

import psycopg2
from gevent.socket import wait_read, wait_write
from psycopg2 import extensions

# A little longer than the server's own statement timeout: it strikes when Postgres itself hangs and cannot.
SILENCE_LIMIT = 3.2  # seconds per statement
# After that nobody else waits, so that those who queued behind a hung server are not late twice.
BELIEVED_FOR = 1.0  # seconds


def install() -> None:
    """Make all connections of this process wait by gevent; once per process, after it was forked."""
    extensions.set_wait_callback(Patience().wait)


class Patience:
    """Of one process: whether the server itself hangs is seen from all of its connections together."""

    def __init__(self) -> None:
        self._answered_at = self._hung_at = -inf

    def wait(self, connection: Any) -> None:
        """Until this connection has what it waits for. Raises OperationalError, which also closes the connection."""
        began = time.monotonic()
        if began - self._hung_at < BELIEVED_FOR:
            raise psycopg2.OperationalError("Postgres did not answer a moment ago")
        while (state := connection.poll()) != extensions.POLL_OK:
            ready = {extensions.POLL_READ: wait_read, extensions.POLL_WRITE: wait_write}[state]
            try:
                ready(connection.fileno(), timeout=max(began + SILENCE_LIMIT - time.monotonic(), 0.001))
            except TimeoutError as silence:
                if self._answered_at < began:  # else only this connection is dead
                    self._hung_at = time.monotonic()
                raise psycopg2.OperationalError("Postgres does not answer") from silence
        self._answered_at = time.monotonic()
        self._hung_at = -inf
