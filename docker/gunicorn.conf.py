"""How gunicorn serves Muster: one gevent process per core, long streams, a quick stop."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from config import Settings

_settings = Settings.from_environment()
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind = f"{_host}:{_settings.port}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "gevent"
worker_connections = 3000
# The compiled parser is used by itself where it is installed, also in versions that lack checks.
http_parser = "python"
# Its default path is per user, so that two instances would collide.
control_socket_disable = True
# A stopped process waits for idle connections that long, so it bounds how long a stop takes.
keepalive = 5
graceful_timeout = 10
# The proof of life is written here every second: not on a disk that may stall.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes a private file


def post_fork(_server: object, _worker: object) -> None:
    """Let other requests run while psycopg2 waits; 15 queries of a second then take one second, not 15."""
    import psycopg2  # noqa: PLC0415 - after gevent has patched the sockets
    from gevent.socket import wait_read, wait_write  # noqa: PLC0415
    from psycopg2 import extensions  # noqa: PLC0415

    def wait(connection: Any, timeout: float | None = None) -> None:
        while (state := connection.poll()) != extensions.POLL_OK:
            if state == extensions.POLL_READ:
                wait_read(connection.fileno(), timeout=timeout)
            elif state == extensions.POLL_WRITE:
                wait_write(connection.fileno(), timeout=timeout)
            else:
                raise psycopg2.OperationalError(f"psycopg2 is in an unknown state ({state})")

    extensions.set_wait_callback(wait)


def post_worker_init(worker: Any) -> None:
    """Begin to prove that heartbeats are accepted; end the streams first when told to stop.

    Open streams would hold the process for the whole graceful timeout.
    """
    worker.wsgi.extensions["pulse"].start()
    stop: Any = signal.getsignal(signal.SIGTERM)  # gunicorn has set a function

    def end_streams_and_stop(number: int, frame: object) -> None:
        worker.wsgi.extensions["stream_hub"].close()
        stop(number, frame)

    signal.signal(signal.SIGTERM, end_streams_and_stop)


def worker_exit(_server: object, worker: Any) -> None:
    """Leave in good order: a start right after a clean stop is a cold start."""
    if getattr(worker, "wsgi", None) is not None:
        worker.wsgi.extensions["pulse"].stop()
