"""A machine that is busy with something else."""

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
from tests.kit.history import Reporters, false_offline
from tests.kit.load import Clients
from tests.kit.processes import Processes
from tests.kit.proof import Proof

LOOPS = 4
NODES = 200
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
    with Clients(plane.ports["web"]) as clients, Reporters(clients.post, NODES, "calm", every=28.0) as reporters:
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
    assert set(history.statuses) == {200}
    proof.row(
        f"F32 {LOOPS} busy loops on {os.cpu_count()} cores for {seconds} s, {NODES} nodes with the promised times",
        "0 false offline",
        f"0; {len(history.answers)} requests, slowest {history.slowest():.2f} s, none failed",
    )
