"""Let other requests run while psycopg2 waits for Postgres, and never wait for ever."""

import time
from typing import Any

import psycopg2
from gevent.socket import wait_read, wait_write
from psycopg2 import extensions

# A little longer than the server's own statement timeout: it strikes when Postgres itself hangs and cannot.
SILENCE_LIMIT = 3.3  # seconds per statement


def install() -> None:
    """Make all connections of this process wait by gevent; once per process, after it was forked."""
    extensions.set_wait_callback(_wait)


def _wait(connection: Any) -> None:
    deadline = time.monotonic() + SILENCE_LIMIT
    while (state := connection.poll()) != extensions.POLL_OK:
        wait = {extensions.POLL_READ: wait_read, extensions.POLL_WRITE: wait_write}[state]
        try:
            wait(connection.fileno(), timeout=max(deadline - time.monotonic(), 0.001))
        except TimeoutError as silence:
            # Raised through psycopg2, this also closes the connection.
            raise psycopg2.OperationalError("Postgres does not answer") from silence
