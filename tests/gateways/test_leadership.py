"""One beat in the whole fleet of processes: who holds the lock runs it, and another takes over when it dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from config import Settings
from tests.fleet import until

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0
# A stand-in for beat: it notes that it runs, and its guard.
CHILD = """
import os, pathlib, time
pathlib.Path({folder!r}, str(os.getpid())).write_text(str(os.getppid()))
time.sleep(60)
"""
GUARD = """
import sys
from app.gateways import leadership
leadership.LOOK_SECONDS = 0.05
leadership.run_as_leader({url!r}, [sys.executable, "-c", {child!r}], lambda: None)
"""
Start = Callable[[], "subprocess.Popen[bytes]"]


class Children:
    """The stand-ins that run now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def alive(self) -> list[int]:
        """Their process ids."""
        return [int(file.name) for file in self._folder.iterdir() if file.read_text() and is_running(int(file.name))]

    def guard_of(self, child: int) -> int:
        """The process that started one."""
        return int((self._folder / str(child)).read_text())

    def one(self) -> int:
        """The only one, once there is one; a guard imports the app first."""
        [child] = until(self.alive, START_SECONDS)
        return child


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def children(tmp_path: Path) -> Children:
    """The stand-ins of a test."""
    return Children(tmp_path)


@pytest.fixture
def start(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Start a guard."""
    child = CHILD.format(folder=str(tmp_path))
    program = GUARD.format(url=settings.database_url, child=child)
    guards: list[subprocess.Popen[bytes]] = []

    def begin() -> "subprocess.Popen[bytes]":
        guards.append(subprocess.Popen([sys.executable, "-c", program], cwd=ROOT))
        return guards[-1]

    yield begin
    for guard in guards:
        guard.terminate()
    for guard in guards:
        guard.wait(15)


def other_guard_waits() -> bool:
    """Whether a session still asks for the lock a while after its beginning."""
    look = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_try_advisory_lock%'"
        " AND query_start > backend_start + interval '0.3 seconds' AND datname = current_database()"
    )
    with db.engine.connect() as connection:
        return bool(connection.execute(text(look)).scalar())


def test_of_two_guards_one_runs_the_program_and_the_other_takes_over_when_it_is_killed(
    start: Start, children: Children
) -> None:
    guards = {(guard := start()).pid: guard for _ in range(2)}
    first = children.one()
    until(other_guard_waits, START_SECONDS)
    assert children.alive() == [first]
    leader = guards.pop(children.guard_of(first))
    [other] = guards.values()
    leader.kill()
    second = until(lambda: [child for child in children.alive() if child != first])[0]
    until(lambda: not is_running(first), 5)
    assert children.guard_of(second) == other.pid
    assert children.one() == second


def test_a_leader_that_lost_its_session_ends_the_program_and_begins_again(start: Start, children: Children) -> None:
    start()
    first = children.one()
    with db.engine.connect() as connection:
        end = (
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert connection.execute(text(end)).scalar() is True
    until(lambda: not is_running(first), 5)
    assert children.one() != first


def test_a_program_that_ended_is_started_again(start: Start, children: Children) -> None:
    start()
    first = children.one()
    os.kill(first, signal.SIGKILL)
    until(lambda: children.alive() and children.alive() != [first])


def test_a_guard_that_is_told_to_stop_takes_the_program_with_it(start: Start, children: Children) -> None:
    guard = start()
    child = children.one()
    guard.terminate()
    assert guard.wait(10) == 0
    assert not is_running(child)
