"""What single requests and the stale check cost on a large fleet while nobody else asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median

from sqlalchemy import text

from app import create_app
from app.extensions import db
from app.services.presence import silence
from bench.heartbeats.errors import NotMeasurable
from bench.scale.stack import Stack
from config import Settings
from standalone.embedded import EmbeddedServers

NODES = "/api/engine/cluster/nodes"
ASKED = {
    "best node": "/api/engine/cluster/best-node",
    "the whole list": NODES,
    "the first 50 by CPU": f"{NODES}?sort=-cpu&limit=50",
    "50 that match a filter": f"{NODES}?q=cap:docker%20cpu%3E4&limit=50",
    "one node": f"{NODES}/bench-00042",
}
TURNS = 15


@dataclass(frozen=True)
class Path:
    """Milliseconds until it was done, and bytes of the answer if there was one."""

    what: str
    ms: float
    size: int = 0


def asked(stack: Stack) -> list[Path]:
    """Each answer, from asking to its last byte. Raises NotMeasurable for an answer that is none."""
    return [_ask(stack.port, what, path) for what, path in ASKED.items()]


def checked(servers: EmbeddedServers) -> list[Path]:
    """The stale check: when all beat, and when the whole fleet has gone silent at once."""
    app = create_app(Settings(servers.database_url(), servers.redis_url(), cluster_auth=False), role="release")
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE control_plane SET listening_since = now() - interval '1 hour'"))
            connection.execute(text("INSERT INTO web_processes (process_id) VALUES ('bench')"))
            connection.execute(text("UPDATE cluster_nodes SET last_heartbeat = now()"))
        well = Path("the stale check, all nodes beat", median(_ms(silence.mark_silent_nodes) for _ in range(TURNS)))
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE cluster_nodes SET last_heartbeat = now() - interval '2 minutes'"))
        lost = Path("the stale check, all fall silent at once", _ms(silence.mark_silent_nodes))
        db.session.remove()
        db.engine.dispose()
    return [well, lost]


def _ask(port: int, what: str, path: str) -> Path:
    times, size = [], 0
    for _ in range(TURNS):
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        began = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        answer = connection.getresponse()
        size = len(answer.read())
        times.append(1000 * (time.perf_counter() - began))
        connection.close()
        if answer.status != 200:
            raise NotMeasurable(f"GET {path} was answered with {answer.status}")
    return Path(what, median(times), size)


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)
