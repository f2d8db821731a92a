"""The web processes that are hit, and who hangs on them."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg2

from config import Settings
from tests.fleet import until
from tests.journeys.conftest import a_database, make_plane
from tests.journeys.control_plane import BASE, WORKER, ControlPlane

# Who is slow is cut sooner, and who has left is noticed sooner.
QUIET = {"GUNICORN_CMD_ARGS": "--keep-alive 1", "BODY_TIMEOUT": "2", "STREAM_KEEP_ALIVE": "1"}
# In the proportions of the promised ones; short, but not for a machine that does much else.
TIMES = {"HEARTBEAT_INTERVAL": "3", "OFFLINE_AFTER": "12", "DEAF_AFTER": "4", "STALE_CHECK_INTERVAL": "1"}
SKEWED = Path(__file__).parents[1] / "kit" / "skewed"
HELLO = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = (
    f"POST {BASE}/register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n"
)


def skewed(skew: Path) -> dict[str, str]:
    """The environment of a Python program whose clock is ahead by as many seconds as a file says."""
    return {"PYTHONPATH": str(SKEWED), "SKEW_FILE": str(skew)}


@contextmanager
def a_web(folder: Path, settings: Settings, purpose: str, **environment: str) -> Iterator[ControlPlane]:
    """Only the web process of a control plane, on a database of its own."""
    with a_database(settings, purpose) as database_url:
        plane = make_plane(folder, settings, database_url, TIMES | environment)
        try:
            plane.start_web("web")
            yield plane
        finally:
            plane.stop()


@contextmanager
def command_plane(folder: Path, settings: Settings, **environment: str) -> Iterator[ControlPlane]:
    """A web process and a Celery worker, which carries commands, on a database of its own."""
    with a_web(folder, settings, "reach", **environment) as plane:
        plane.run("worker", *WORKER)
        until(lambda: plane.get("/health", base="/api")[1]["celery"]["workers"], 60)
        yield plane


def children(plane: ControlPlane, name: str = "web") -> list[psutil.Process]:
    """The processes that serve, of one gunicorn."""
    return psutil.Process(plane.processes[name].pid).children()


def served(process: psutil.Process, port: int) -> int:
    """How many connections it holds open for clients."""
    return sum(one.laddr.port == port and one.status == "ESTABLISHED" for one in process.net_connections())


def rows(dsn: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the database answers to somebody else."""
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def health_seconds(port: int) -> float:
    """How long somebody waits for a probe over a new connection."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 10) as probe:
        probe.sendall(f"{HELLO}Connection: close\r\n\r\n".encode())
        assert probe.recv(12) == b"HTTP/1.1 200"
    return time.monotonic() - began


@contextmanager
def hangers_on(port: int, count: int, said: str, buffer: int = 0) -> Iterator[list[socket.socket]]:
    """So many connections that said something and then wait; with a small `buffer`, they take little more than it."""
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            if buffer:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            connection.settimeout(10)
            connection.connect(("127.0.0.1", port))
            connection.sendall(said.encode())
            found.append(connection)
        yield found
