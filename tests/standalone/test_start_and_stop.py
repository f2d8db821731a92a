"""The real program with embedded servers on a stand-in checkout: start, refusal, crash, kill, stop."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import socket
import time
from pathlib import Path

import psutil
import pytest

from standalone import ports
from standalone.errors import StandaloneError
from tests.standalone.polling import eventually
from tests.standalone.stand_in import PROCESSES, PROCFILE, is_gone, line_of, make_checkout, started


def test_it_starts_says_where_everything_is_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    with started(tmp_path, make_checkout(tmp_path)) as run:
        run.wait_running()
        family = run.family()

        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(20) == 0

        said = run.output.read_text()
        assert f"Dashboard  http://127.0.0.1:{run.port}/" in said
        assert "anyone who can reach this address can steer the fleet" in said
        assert f"Flower     http://127.0.0.1:{run.port}/flower/" in said
        assert f"Logs       {run.home}/logs" in said
        assert (run.home / "secrets" / "flower").read_text() not in said
        assert said.endswith("stopping\nstopped\n")
        assert len(family) > 10
        eventually(lambda: all(is_gone(process) for process in family))


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_works(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    with started(tmp_path, checkout) as run:
        run.wait_running()
        family = run.family()

        run.process.kill()

        eventually(lambda: all(is_gone(process) for process in family))
    with started(tmp_path, checkout) as run:
        run.wait_running()


def test_nothing_outlives_supervisor_and_guardian_killed_together(tmp_path: Path) -> None:
    with started(tmp_path, make_checkout(tmp_path)) as run:
        run.wait_running()
        family = [process for process in run.family() if line_of(process)]
        guardian = run.child("guardian_program.py")

        # What a program does for its own children then is its own affair: the stand-ins do nothing for their sleepers.
        ours = [process for process in run.family() if "time.sleep" not in line_of(process)]

        guardian.kill()
        run.process.kill()

        try:
            eventually(lambda: all(is_gone(process) for process in ours))
        finally:
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()


@pytest.mark.parametrize("words", ["processes.py web", "bin/postgres", "valkey-server"])
def test_a_killed_process_comes_back(tmp_path: Path, words: str) -> None:
    with started(tmp_path, make_checkout(tmp_path)) as run:
        run.wait_running()
        first = run.child(words)

        first.kill()

        eventually(lambda: run.said("ended by signal 9; next start in 0.5 s"))
        eventually(lambda: run.said("was started again"))
        assert run.child(words).pid != first.pid


def test_a_second_starter_on_the_same_state_is_refused_in_one_sentence(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    with started(tmp_path, checkout) as run:
        eventually(lambda: run.said("Muster is starting"))
        (tmp_path / "second").mkdir()

        with started(tmp_path / "second", checkout, MUSTER_HOME=str(run.home)) as second:
            assert second.process.wait(20) == 1
            said = second.output.read_text()

    assert said.count("\n") == 1
    assert f"{tmp_path}/home is in use by another Muster (process {run.process.pid})" in said
    assert "set MUSTER_HOME" in said


def test_a_busy_port_is_refused_naming_PORT(tmp_path: Path) -> None:  # noqa: N802 - the variable's name
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with started(tmp_path, make_checkout(tmp_path), PORT=str(port)) as run:
            assert run.process.wait(20) == 1
            assert run.output.read_text().splitlines()[-1] == (
                f"Muster did not start. Muster cannot listen on port {port} of 127.0.0.1, "
                "another program listens there: stop it or set PORT to another number."
            )


def test_an_address_of_another_machine_is_refused_naming_HOST() -> None:  # noqa: N802 - the variable's name
    with pytest.raises(StandaloneError, match="set HOST to an address of this machine"):
        ports.check_can_listen("192.0.2.1", 3100)


def test_a_failed_release_ends_the_start_with_the_end_of_its_log(tmp_path: Path) -> None:
    failing = 'import sys; print("one"); sys.exit("the schema could not be read")'
    with started(tmp_path, make_checkout(tmp_path, processes=failing)) as run:
        eventually(lambda: run.said("redis: ready"))
        family = run.family()

        assert run.process.wait(20) == 1

        said = run.output.read_text()
        assert f"release ended with code 1; the end of {run.home}/logs/release.log:" in said
        assert said.endswith("the schema could not be read\n")
        eventually(lambda: all(is_gone(process) for process in family))


def test_a_process_that_dies_during_the_start_is_named(tmp_path: Path) -> None:
    procfile = PROCFILE.replace("beat: python processes.py live", "beat: python -c 'import nowhere_to_be_found'")
    with started(tmp_path, make_checkout(tmp_path, procfile=procfile)) as run:
        assert run.process.wait(30) == 1
        assert "beat ended with code 1" in run.output.read_text()
        assert "No module named 'nowhere_to_be_found'" in run.output.read_text()


def test_given_addresses_are_used_and_nothing_is_embedded(tmp_path: Path) -> None:
    showing = 'import os; print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])\n' + PROCESSES
    given = {"DATABASE_URL": "postgresql://somewhere/db", "REDIS_URL": "redis://somewhere:6379/0"}
    with started(tmp_path, make_checkout(tmp_path, processes=showing), **given) as run:
        run.wait_running()

        assert not any("pgdata" in line_of(process) for process in run.family())
        assert not (run.home / "pgdata").exists()
        assert (run.home / "logs" / "release.log").read_text() == " ".join(given.values()) + "\n"


def test_ctrl_c_during_a_start_that_hangs_is_heard(tmp_path: Path) -> None:
    hanging = 'import sys, time; print("hanging", flush=True); time.sleep(600)'
    with started(tmp_path, make_checkout(tmp_path, processes=hanging)) as run:
        log = run.home / "logs" / "release.log"
        eventually(lambda: log.exists() and "hanging" in log.read_text())
        family = run.family()
        before = time.monotonic()

        os.kill(run.process.pid, signal.SIGINT)

        assert run.process.wait(20) == 0
        assert time.monotonic() - before < 10
        eventually(lambda: all(is_gone(process) for process in family))


def test_a_closed_terminal_stops_everything(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with started(tmp_path, make_checkout(tmp_path), standard_input=theirs) as run:
        os.close(theirs)
        run.wait_running()
        family = run.family()

        os.close(ours)

        assert run.process.wait(20) == 0
        eventually(lambda: all(is_gone(process) for process in family))
