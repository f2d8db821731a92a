"""The supervisor's rules: back-off, restart, order of a stop."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from standalone.errors import StandaloneError
from standalone.guardian import Guardian
from standalone.process import Process
from standalone.state import StateFolder
from standalone.supervisor import STABLE_SECONDS, StopRequested, Supervisor, restart_delay
from tests.standalone.polling import eventually
from tests.standalone.stand_in import is_gone


class Clock:
    """Time that passes only when we say so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def guardian(tmp_path: Path) -> Iterator[Guardian]:
    state = StateFolder(tmp_path)
    state.lock()
    guardian = Guardian(state.lock_file)
    yield guardian
    guardian.close()
    state.unlock()


@pytest.fixture
def supervisor(guardian: Guardian, clock: Clock, said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(guardian, said.append, clock)
    yield supervisor
    supervisor.stop()


def python(tmp_path: Path, name: str, code: str) -> Process:
    return Process(name, [sys.executable, "-c", code], tmp_path / f"{name}.log", stop_seconds=5.0)


def wait_for_end(process: Process) -> None:
    eventually(lambda: process.exit_code() is not None)


def test_the_delay_doubles_from_half_a_second_to_ten() -> None:
    assert [restart_delay(failures) for failures in (1, 2, 3, 4, 5, 6, 7, 1000)] == [0.5, 1, 2, 4, 8, 10, 10, 10]


def test_a_process_that_ends_is_started_again_after_its_delay(
    supervisor: Supervisor, clock: Clock, said: list[str], tmp_path: Path
) -> None:
    process = python(tmp_path, "crasher", "import sys; print('going down'); sys.exit(3)")
    supervisor.start(process)
    for delay in (0.5, 1.0, 2.0):
        wait_for_end(process)
        supervisor.check()
        assert said[-1] == f"crasher ended with code 3; next start in {delay:g} s (log: {process.log})"

        clock.now += delay - 0.1
        supervisor.check()
        assert process.exit_code() is not None

        clock.now += 0.2
        supervisor.check()
        assert said[-1] == "crasher was started again"

    wait_for_end(process)
    assert process.log.read_text().count("going down") == 4


def test_a_long_run_earns_a_quick_restart(
    supervisor: Supervisor, clock: Clock, said: list[str], tmp_path: Path
) -> None:
    process = python(tmp_path, "crasher", "")
    supervisor.start(process)
    wait_for_end(process)
    supervisor.check()
    clock.now += 1.0
    supervisor.check()
    wait_for_end(process)

    clock.now += STABLE_SECONDS
    supervisor.check()

    assert "next start in 0.5 s" in said[-1]


def test_what_a_dead_process_left_in_its_group_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    child_file = tmp_path / "child"
    code = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(child_file)!r}, "w").write(str(child.pid))
"""
    process = python(tmp_path, "parent", code)
    supervisor.start(process)
    eventually(lambda: child_file.exists() and child_file.read_text())
    child = psutil.Process(int(child_file.read_text()))

    wait_for_end(process)

    eventually(lambda: is_gone(child))


def test_a_process_that_ignores_the_request_to_stop_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    process = python(tmp_path, "deaf", code)
    process.stop_seconds = 0.3
    supervisor.start(process)
    eventually(lambda: "deaf" in process.log.read_text())

    supervisor.stop()

    assert process.exit_code() == -signal.SIGKILL


def test_those_who_need_a_server_are_stopped_before_it(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = f"""
import signal, sys, time
def end(*_):
    open({str(order)!r}, "a").write(sys.argv[1] + " ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(600)
"""
    for name, stage in (("server", 2), ("broker", 1), ("client", 0)):
        process = python(tmp_path, name, code)
        process.command.append(name)
        process.stop_stage = stage
        supervisor.start(process)
    eventually(lambda: all("up" in process.log.read_text() for process in supervisor.processes()))

    supervisor.stop()

    assert order.read_text() == "client broker server "


def test_a_signal_ends_the_next_pause(supervisor: Supervisor) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor.catch_signals()
    try:
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(StopRequested):
            supervisor.pause(60)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_killed_guardian_is_replaced_and_knows_everything_again(
    supervisor: Supervisor, guardian: Guardian, tmp_path: Path
) -> None:
    process = python(tmp_path, "sleeper", "import time; time.sleep(600)")
    supervisor.start(process)
    first = psutil.Process(guardian.pid)
    first.kill()
    eventually(lambda: is_gone(first))

    supervisor.check()
    assert guardian.pid != first.pid
    guardian.close()

    assert process.exit_code() == -signal.SIGTERM


def test_a_log_that_grew_too_large_is_put_aside_at_the_next_start(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standalone.process.LOG_CAP_BYTES", 10)
    process = python(tmp_path, "talker", "print('new')")
    process.log.write_text("old and long\n")

    supervisor.start(process)
    wait_for_end(process)

    assert process.log.read_text() == "new\n"
    assert (tmp_path / "talker.log.1").read_text() == "old and long\n"


def test_the_state_stays_locked_until_the_guardian_has_cleared_up(tmp_path: Path) -> None:
    ours, theirs = StateFolder(tmp_path), StateFolder(tmp_path)
    ours.lock()
    guardian = Guardian(ours.lock_file)
    ours.unlock()  # as the death of our process would

    with pytest.raises(StandaloneError, match="in use by another Muster"):
        theirs.lock()
    guardian.close()

    theirs.lock()
    theirs.unlock()
