"""How gunicorn serves Muster: gevent processes (WEB_CONCURRENCY, one per core at most), long streams, a quick stop."""

from __future__ import annotations

import gc
import logging
import signal
from pathlib import Path
from typing import Any

from gevent import monkey

from config import Settings

# Before the app is loaded, which would else keep blocking sockets and locks.
monkey.patch_all()

_settings = Settings.from_environment()
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind = f"{_host}:{_settings.port}"
workers = _settings.web_processes
worker_class = "gevent"
worker_connections = 3000
# Loaded once, before the processes are forked off: one that was killed is replaced at once, not after the seconds
# that loading takes. For the same reason new code needs a restart; SIGHUP starts processes with the old one.
preload_app = True
# The compiled parser is used by itself where it is installed, also in versions that lack checks.
http_parser = "python"
# TRUSTED_PROXIES says who may speak for others, and the app judges it: gunicorn believes nobody, not even loopback.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# Its default path is per user, so that two instances would collide.
control_socket_disable = True
# A stopped process waits for idle connections that long, so it bounds how long a stop takes. It is also how long the
# headers of a request may take to arrive.
keepalive = 5
graceful_timeout = 10
# The proof of life is written here every second: not on a disk that may stall.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes a private file


def on_starting(server: Any) -> None:
    """Nobody shall learn later that the door was open."""
    if not _settings.cluster_auth:
        server.log.warning("CLUSTER_AUTH is off: whoever can reach %s can steer the fleet", bind)


def when_ready(server: Any) -> None:
    """What the app is made of stays for ever, and is shared: no collector need walk it, or write to it."""
    server.log.error_log.addFilter(_is_news)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _is_news(record: logging.LogRecord) -> bool:
    """A reader that takes nothing is cut by the kernel, which gunicorn would tell at length."""
    return record.exc_info is None or not isinstance(record.exc_info[1], TimeoutError)


def post_worker_init(worker: Any) -> None:
    """Begin to prove that heartbeats are accepted; end the streams first when told to stop.

    Open streams would hold the process for the whole graceful timeout.
    """
    # Not in the head, which is read before anything is patched.
    from app.api.gate.slow_bodies import BodyDeadline  # noqa: PLC0415
    from app.gateways import green_postgres  # noqa: PLC0415

    green_postgres.install()
    app = worker.wsgi
    app.wsgi_app = BodyDeadline(app.wsgi_app, _settings.body_timeout.total_seconds())
    logging.basicConfig(format="%(asctime)s [%(process)d] [%(levelname)s] %(name)s: %(message)s")
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
        worker.wsgi.extensions["event_bus"].drain(1.0)
