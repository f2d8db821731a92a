"""Measure the decision where an agent goes: python -m bench.placement."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from sqlalchemy import event, text

from app import create_app
from app.domain.placement import Demand, NoCapacity
from app.extensions import db
from app.services import placement
from bench import results
from bench.heartbeats import machine
from bench.heartbeats.errors import NotMeasurable
from bench.heartbeats.servers import migrate
from bench.placement import fleet
from bench.placement.report import Cost, chapter
from config import Settings
from standalone.embedded import EmbeddedServers
from standalone.errors import StandaloneError

TURNS = 60
EVERY = 15  # turns from one round of heartbeats to the next
ANY = Demand(assigned=True)
ROOM = Demand(frozenset({"browser"}), 1000, 0.5, assigned=True)
RARE = Demand(frozenset({"gpu"}), 1000, 0.5, {"region": "r0"}, assigned=True)
NOWHERE = Demand(frozenset({"quantum"}), assigned=True)
CASES: dict[str, tuple[Demand, str | None]] = {
    "any node will do": (ANY, None),
    "memory, CPU, a capability; spread by role": (ROOM, "role-1"),
    "one node in 150 will do; spread by role": (RARE, "role-1"),
    "no node will do (reasons of all nodes)": (NOWHERE, None),
}


def main() -> int:
    """Run, print, write. Returns the exit code."""
    state = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    state.chmod(0o755)  # as root, Postgres is another user and must get in
    try:
        with EmbeddedServers(state) as servers:
            migrate(servers)
            costs = _measure(Settings(servers.database_url(), servers.redis_url(), cluster_auth=False))
        results.put(chapter(costs, TURNS, machine.describe(state)))
    except (NotMeasurable, StandaloneError) as fault:
        print(fault, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(state, ignore_errors=True)
    for cost in costs:
        print(f"{cost.what}: {cost.database_ms:.2f} ms in the database, {cost.whole_ms:.2f} ms in all")
    return 0


def _measure(settings: Settings) -> list[Cost]:
    app = create_app(settings, role="release")
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE control_plane SET listening_since = now() - interval '1 hour'"))
            connection.execute(text("INSERT INTO web_processes (process_id) VALUES ('bench')"))
        fleet.fill(db.engine)
        found: dict[str, list[tuple[float, float]]] = {what: [] for what in ("reading", *CASES)}
        for turn in range(TURNS):
            if turn % EVERY == 0:
                fleet.breathe(db.engine)
            with db.engine.begin() as connection:
                connection.execute(text("UPDATE web_processes SET accepting_at = now()"))
            found["reading"].append(_timed(lambda: db.session.execute(text("SELECT count(*) FROM cluster_nodes"))))
            for what, (demand, role) in CASES.items():
                found[what].append(_timed(lambda demand=demand, role=role: _decide(demand, role)))  # type: ignore[misc]
        db.session.remove()
        db.engine.dispose()
    return [Cost(what, median(t[0] for t in times), median(t[1] for t in times)) for what, times in found.items()]


def _decide(demand: Demand, role: str | None) -> None:
    try:
        placement.choose(demand, role)
    except NoCapacity:
        assert demand is NOWHERE


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds within the database's driver, and in all."""
    with _statements() as spent:
        began = time.perf_counter()
        act()
        whole = time.perf_counter() - began
        db.session.rollback()
    return 1000 * sum(spent), 1000 * whole


@contextmanager
def _statements() -> Iterator[list[float]]:
    spent: list[float] = []

    def before(*_: object) -> None:
        spent.append(-time.perf_counter())

    def after(*_: object) -> None:
        spent[-1] += time.perf_counter()

    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "after_cursor_execute", after)
    yield spent
    event.remove(db.engine, "before_cursor_execute", before)
    event.remove(db.engine, "after_cursor_execute", after)


if __name__ == "__main__":
    sys.exit(main())
