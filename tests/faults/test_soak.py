"""Faults by chance for as long as wanted (`make soak MINUTES=60`), and what must hold whatever happens."""

import itertools
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from tests.faults.nemesis import Nemesis
from tests.faults.web import children, served
from tests.fleet import until
from tests.journeys.control_plane import ControlPlane
from tests.kit.history import Reporters, false_offline
from tests.kit.load import Clients
from tests.kit.proof import SEED, Proof
from tests.kit.stores import Stores, open_folder
from tests.kit.streams import Viewer

MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
NODES = 30
TIMES = {
    "HEARTBEAT_INTERVAL": "5",
    "OFFLINE_AFTER": "20",
    "DEAF_AFTER": "5",
    "STALE_CHECK_INTERVAL": "2",
    "WEB_CONCURRENCY": "2",
    "SECRET_KEY": "a key for tests that is long enough",
}
# What the pools of one process may keep open, of Postgres 5 and 5 and that of heartbeats, of Redis 16,
# one that listens, and of Celery's broker 10 with two each.
POOLS = 50
OPEN = "SELECT id, kind, state FROM jobs WHERE state IN ('queued', 'running')"
pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(0),
    pytest.mark.skipif(MINUTES <= 0, reason="only by `make soak`"),
]


@pytest.fixture
def stores() -> Iterator[Stores]:
    """A Postgres and a Redis to break."""
    with open_folder() as folder, Stores(folder / "stores") as made:
        yield made


@pytest.fixture
def plane(tmp_path: Path, stores: Stores) -> Iterator[ControlPlane]:
    """All that `make run` starts, with a second gunicorn."""
    made = ControlPlane(tmp_path, stores.postgres.url, stores.redis.url, TIMES)
    try:
        assert made.run("release", "-m", "flask", "--app", "wsgi", "db", "upgrade").wait(120) == 0
        made.start().start_web("second")
        yield made
    finally:
        made.stop()


class Asker(threading.Thread):
    """Asks for a restart of one node after the other: jobs that begin and end while everything breaks."""

    def __init__(self, clients: Clients, node_ids: list[str]) -> None:
        super().__init__(daemon=True)
        self.clients, self.node_ids, self.over = clients, node_ids, threading.Event()

    def run(self) -> None:
        """Until it is over."""
        for node_id in itertools.cycle(self.node_ids):
            if self.over.wait(3.0):
                return
            self.clients.post(f"/nodes/{node_id}/restart", {})


def test_f34_faults_by_chance_break_none_of_the_promises(plane: ControlPlane, stores: Stores, proof: Proof) -> None:
    nemesis, query = Nemesis(plane, stores, SEED), stores.postgres.query
    ports = plane.ports["web"], plane.ports["second"]
    with (
        Clients(*ports) as clients,
        Viewer(*ports) as one,
        Viewer(*reversed(ports)) as other,
        Reporters(clients.post, NODES, "soaked", every=2.0) as reporters,
    ):
        asker = Asker(clients, reporters.node_ids)
        asker.start()
        _calm(plane, reporters)
        _strike(nemesis, MINUTES / 2)
        _calm(plane, reporters)
        nemesis.spared = {"web", "worker"}  # from now on they must bear it all, and not grow
        _strike(nemesis, MINUTES / 10)
        _calm(plane, reporters)
        before = _sizes(plane)
        _strike(nemesis, MINUTES * 4 / 10)
        _calm(plane, reporters)
        after = _sizes(plane)
        until(lambda: all(_is_up_to_date(viewer, reporters) for viewer in (one, other)), 30)
        asker.over.set()
        asker.join(30)
        until(lambda: not query(OPEN), 120)
        announced = false_offline(query, reporters.node_ids)  # as long as they report

    history, [(jobs,)] = reporters.history, query("SELECT count(*) FROM jobs")
    assert history.lost(query) == []
    assert announced == []
    assert history.broken == []
    grown = {name: after[name].memory / before[name].memory - 1 for name in before}
    more = {name: after[name].files - before[name].files for name in before}
    assert max(grown.values()) <= 0.05, (before, after)
    assert max(more.values()) <= 0, (before, after)
    assert all(size.sockets <= POOLS * size.processes for size in after.values()), (before, after)
    proof.row(
        f"F34 faults by chance over {MINUTES:g} min: {nemesis.done.total()} ({_words(nemesis)})",
        "no acknowledged write lost, no false offline, every job ends, no 500, RSS growth <= 5 %, "
        f"descriptors flat but for pools of {POOLS} per process",
        f"0 of {history.statuses[200]} lost, 0 of {NODES} nodes, {jobs} jobs ended, 0 ({history.statuses[503]} x 503); "
        f"RSS {', '.join(f'{name} {share:+.1%}' for name, share in grown.items())}; files "
        f"{', '.join(f'{name} {count:+}' for name, count in more.items())}; sockets "
        f"{', '.join(f'{name} {before[name].sockets} -> {after[name].sockets}' for name in before)}",
    )


def _strike(nemesis: Nemesis, minutes: float) -> None:
    ended = time.monotonic() + minutes * 60
    while time.monotonic() < ended:
        nemesis.strike()
        time.sleep(nemesis.chance.uniform(0.5, 5))


def _calm(plane: ControlPlane, reporters: Reporters) -> None:
    """Wait until all is well again, which nobody helps it to be."""
    began = time.monotonic()
    until(lambda: reporters.all_heard(began), 60)
    until(lambda: all(plane.get("/readyz", base="", name=name)[0] == 200 for name in ("web", "second")), 60)
    until(lambda: plane.get("/nodes")[1]["stats"]["onlineNodes"] == NODES, 30)


def _is_up_to_date(viewer: Viewer, reporters: Reporters) -> bool:
    """Whether it was told the newest name of every node, which changes all the time."""
    newest = {one["nodeId"]: one["name"] for one in list(viewer.messages) if one.get("type") == "node"}
    return all(
        int(newest.get(node_id, "name 0").split()[1]) >= reporters.history.acknowledged(node_id, "register") - 1
        for node_id in reporters.node_ids
    )


class Size(NamedTuple):
    """What processes hold together: bytes of memory, files, and sockets but those of clients."""

    processes: int
    memory: int
    files: int
    sockets: int


def _sizes(plane: ControlPlane) -> dict[str, Size]:
    web, worker = children(plane), [psutil.Process(plane.processes["worker"].pid)]
    return {name: _size(found, plane.ports["web"]) for name, found in (("web", web), ("worker", worker))}


def _size(processes: list[psutil.Process], port: int) -> Size:
    links = [str(link.readlink()) for one in processes for link in Path(f"/proc/{one.pid}/fd").iterdir()]
    sockets = sum(link.startswith("socket:") for link in links)
    clients = sum(served(one, port) for one in processes)
    memory = sum(one.memory_info().rss for one in processes)
    return Size(len(processes), memory, len(links) - sockets, sockets - clients)


def _words(nemesis: Nemesis) -> str:
    return ", ".join(f"{count} x {name}" for name, count in sorted(nemesis.done.items()))
