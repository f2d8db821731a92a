"""The servers that are measured: a durable Postgres, a Redis, and gunicorn as it is shipped, on a core of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from bench.heartbeats.errors import NotMeasurable
from standalone.embedded import EmbeddedServers
from standalone.environment import base
from standalone.ports import any_free
from standalone.process import Process

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0


def two_cores() -> tuple[int, int]:
    """The core of the web process, and the one of everything else. Raises NotMeasurable on a single core."""
    if not hasattr(os, "sched_setaffinity"):
        raise NotMeasurable("Only Linux can give processes a core of their own.")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise NotMeasurable("Two cores are needed: one for the web process, one for everything else.")
    return cores[0], cores[1]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Children that are started within begin their life on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class WebServer:
    """One gunicorn with one web process; with `identity` it asks each beat whose it is."""

    def __init__(self, name: str, app: str, servers: EmbeddedServers, core: int, identity: bool = False) -> None:
        self._core, self.port = core, any_free()
        command = [str(Path(sys.executable).with_name("gunicorn")), app, "-c", "docker/gunicorn.conf.py"]
        self._process = Process(name, command, servers.state.folder("logs") / f"{name}.log", cwd=ROOT)
        self._process.environment = environment(servers, identity) | {
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
        }

    def start(self) -> WebServer:
        """Start it and wait until it answers. Raises NotMeasurable with the end of its log."""
        with on_core(self._core):
            self._process.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if not self._process.is_running() or time.monotonic() > deadline:
                raise NotMeasurable(f"{self._process.name} did not start:\n{self._process.last_lines()}")
            time.sleep(0.1)
        return self

    def stop(self) -> None:
        """End it within its grace."""
        self._process.stop()

    @property
    def worker(self) -> psutil.Process:
        """The process that answers requests; the other one only watches over it."""
        return psutil.Process(self._process.pid).children()[0]

    def _is_ready(self) -> bool:
        asked = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            asked.request("GET", "/healthz")  # any answer will do: it comes from a web process that has begun
            return bool(asked.getresponse().status)
        except (OSError, HTTPException):
            return False
        finally:
            asked.close()


def environment(servers: EmbeddedServers, identity: bool = False) -> dict[str, str]:
    """What every process of the control plane finds in its environment."""
    return base() | {
        "DATABASE_URL": servers.database_url(),
        "CLUSTER_AUTH": "on" if identity else "off",
        "SECRET_KEY": "of a bench that nobody else can reach",
        "REDIS_URL": servers.redis_url(),
        "HOST": "127.0.0.1",
    }


def migrate(servers: EmbeddedServers) -> None:
    """Make the tables, as a release does."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(servers), capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode != 0:
        raise NotMeasurable(f"The migration failed:\n{done.stderr[-2000:]}")
