"""A machine that is busy with something else, or with a whole fleet that comes back."""

import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from config import Settings
from tests.faults.web import rows
from tests.fleet import until
from tests.journeys.conftest import a_database, make_plane
from tests.journeys.control_plane import ControlPlane
from tests.kit.history import NO_ANSWER, Reporters, false_offline
from tests.kit.load import Clients
from tests.kit.processes import Processes
from tests.kit.proof import Proof

LOOPS = 4
NODES = 200
AS_DAEMONS = {"Connection": "close"}  # each message over a connection of its own
BACK = 33.0  # seconds: an interval and its jitter
pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture
def plane(tmp_path: Path, settings: Settings) -> Iterator[ControlPlane]:
    """A whole control plane with the promised times."""
    with a_database(settings, "load") as database_url:
        made = make_plane(tmp_path, settings, database_url, {})
        try:
            yield made.start()
        finally:
            made.stop()


def test_f32_a_busy_machine_makes_no_node_offline(plane: ControlPlane, tmp_path: Path, proof: Proof) -> None:
    seconds, busy = proof.count(full=300, small=30), Processes()
    with (
        Clients(plane.ports["web"], headers=AS_DAEMONS) as clients,
        Reporters(clients.post, NODES, "calm", every=28.0) as reporters,
    ):
        until(lambda: reporters.all_heard(0), 60)
        try:
            for _ in range(LOOPS):
                busy.start([sys.executable, "-c", "while True: pass"], tmp_path / "busy.log")
            time.sleep(seconds)  # the fault itself
        finally:
            busy.end_all()
        reporters.end()
    query, history = partial(rows, plane.dsn), reporters.history

    assert false_offline(query, reporters.node_ids) == []
    assert history.lost(query) == []
    assert history.broken == []
    statuses = history.statuses
    proof.row(
        f"F32 {LOOPS} busy loops on {os.cpu_count()} cores for {seconds} s, {NODES} nodes with the promised times",
        "0 false offline, no acknowledged write lost, no 500",
        f"0, 0 of {statuses[200]} lost, {statuses[503]} x 503 and {statuses[NO_ANSWER]} without an answer within 10 s, "
        f"all of which were tried again; slowest answer {history.slowest():.1f} s",
    )


def test_f24_a_fleet_that_comes_back_all_at_once_is_heard_in_time(plane: ControlPlane, proof: Proof) -> None:
    count, down = proof.count(full=400, small=100), proof.count(full=100, small=20)
    with (
        Clients(plane.ports["web"], headers=AS_DAEMONS) as clients,
        Reporters(clients.post, count, "herd", every=28.0) as reporters,
    ):
        until(lambda: reporters.all_heard(0), 60)
        plane.terminate("web")
        time.sleep(down)  # the outage itself; all nodes try again each second
        plane.start_web("web")
        began = time.monotonic()
        until(lambda: reporters.all_heard(began), BACK, 0.1)
        took = time.monotonic() - began
        reporters.end()
    query, back = partial(rows, plane.dsn), reporters.history.since(began)

    assert false_offline(query, reporters.node_ids) == []
    assert back.lost(query) == []
    assert back.broken == []
    proof.row(
        f"F24 {count} nodes come back at once after an outage of {down} s (10,000 of them: `make bench-scale`)",
        f"all heard <= {BACK:.0f} s (one interval and its jitter), no false offline, no 500",
        f"all after {took:.1f} s, 0 offline, {back.statuses[200]} answers 200, {back.statuses[503]} x 503",
    )
