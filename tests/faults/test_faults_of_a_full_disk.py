"""The disk of the database is full: first no table grows, then not even the log of changes."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest
from psutil import Process

from tests.faults.conftest import a_stand
from tests.faults.stand import Stand
from tests.fleet import until
from tests.kit.proof import Proof
from tests.kit.stores import filled, open_folder, small_volume

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root, who alone makes a small volume"),
]


@pytest.fixture
def volume() -> Iterator[Path]:
    """A small file system."""
    with open_folder() as folder, small_volume(folder / "volume", 200) as made:
        yield made


@pytest.fixture
def cramped(tmp_path: Path, volume: Path) -> Iterator[Stand]:
    """A control plane whose database is on it."""
    with a_stand(tmp_path, volume / "stores") as made:
        yield made


def test_f14_a_full_disk_is_answered_for_and_all_goes_on_when_there_is_room_again(
    cramped: Stand, volume: Path, proof: Proof
) -> None:
    seconds = proof.count(full=20, small=5)
    with cramped.reporters("f14") as reporters:
        ours = {name: own_processes(cramped, name) for name in ("web", "worker")}
        cramped.postgres.query("CREATE TABLE ballast (line text)")
        began = time.monotonic()
        with filled(volume):
            refused = grow_until_refused(cramped)
            new = {cramped.register(f"f14-new-{number}") for number in range(20)}
            fill_log_of_changes(cramped)
            time.sleep(seconds)
            during = reporters.history.since(began).statuses
        cramped.postgres.start()
        took = cramped.recovered_after(reporters, 10)
        ticked = cramped.ticks_again(15)
        cramped.judge(reporters)
        assert {name: own_processes(cramped, name) for name in ours} == ours
    assert "No space left" in refused
    assert new <= {200, 503}
    proof.row(
        f"F14 The disk of Postgres full for {seconds} s: its tables, then its log, without which it ends",
        "503, no 500, no process of ours ends, no acknowledged write lost, all nodes heard <= 10 s after there is room",
        f"{during[503]} answers 503, 0, 0, 0; heard after {took:.1f} s, stale checks after {ticked:.1f} s",
    )


def own_processes(stand: Stand, name: str) -> set[int]:
    """The numbers of a process and its children."""
    leader = Process(stand.plane.processes[name].pid)
    return {leader.pid, *(child.pid for child in leader.children(recursive=True))}


def grow_until_refused(stand: Stand) -> str:
    """Let a table grow until there is no room; what Postgres says then."""
    try:
        while True:
            stand.postgres.query("INSERT INTO ballast SELECT repeat('x', 1000) FROM generate_series(1, 10000)")
    except psycopg2.Error as refusal:
        return str(refusal)


def fill_log_of_changes(stand: Stand) -> None:
    """Begin one file of the write-ahead log after the other: without the next one Postgres ends, and cannot start."""

    def ended() -> bool:
        with suppress(psycopg2.Error):
            stand.postgres.query("SELECT pg_switch_wal()")
            stand.postgres.query("INSERT INTO ballast VALUES ('x')")
        return not stand.postgres.is_running()

    until(ended, 30)
