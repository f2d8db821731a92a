"""The built-in supervisor, with real processes: runs what the file names, brings back what died, restarts on demand."""

from __future__ import annotations

import json
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from built_in_supervisor import QUICK, SLEEP, Make, running, write
from daemon_doubles import eventually, is_alive, written

from node_daemon.agents import log_file, process, restart
from node_daemon.agents.child_processes import ChildProcesses
from node_daemon.agents.supervisor import UnknownAgent

STUBBORN = ("sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.2; done")


def is_deaf(supervisor: ChildProcesses, agent_id: str) -> bool:
    """Whether a stubborn one ignores the signal by now."""
    return written(supervisor.output(agent_id).path) == "deaf\n"


def test_an_agent_runs_in_a_session_of_its_own(make: Make) -> None:
    (agent,) = running(make(a=SLEEP))

    assert agent.pid is not None
    assert os.getsid(agent.pid) == agent.pid
    assert agent.restarts == 0


def test_an_agent_is_running_once_it_has_lived_for_a_second(make: Make) -> None:
    supervisor = make(a=SLEEP)

    assert running(supervisor)[0].state == "starting"
    eventually(lambda: supervisor.list()[0].state == "running")


def test_a_dead_agent_is_started_again(make: Make) -> None:
    supervisor = make(a=SLEEP)
    first = running(supervisor)[0].pid or 0

    os.kill(first, signal.SIGKILL)

    again = eventually(lambda: (one := supervisor.list()[0]).pid not in (None, first) and one)
    assert again.restarts == 1


def test_what_a_dead_agent_leaves_behind_is_ended_before_the_next_start(make: Make, tmp_path: Path) -> None:
    pid_file = tmp_path / "child"
    supervisor = make(a=("sh", "-c", f"sleep 120 & echo $! > {pid_file}; wait"))
    child = int(eventually(lambda: pid_file.exists() and pid_file.read_text().strip()))

    os.kill(running(supervisor)[0].pid or 0, signal.SIGKILL)

    eventually(lambda: not is_alive(child))


def test_an_agent_that_dies_again_and_again_is_crash_looping_and_still_tried(make: Make) -> None:
    supervisor = make(a=("false",))

    looping = eventually(lambda: (one := supervisor.list()[0]).state == "crash_looping" and one)

    assert looping.restarts >= 5
    assert not looping.is_running
    eventually(lambda: supervisor.list()[0].restarts > looping.restarts)


def test_an_agent_whose_program_is_missing_does_not_hinder_the_others(make: Make) -> None:
    supervisor = make(a=("/no/such/program",), b=SLEEP)

    assert [one.id for one in running(supervisor)] == ["b"]


def test_a_restart_answers_with_the_new_processes(make: Make) -> None:
    supervisor = make(a=SLEEP, b=SLEEP)
    before = {one.pid for one in running(supervisor, 2)}

    outcome = supervisor.restart()

    assert (outcome.ok, outcome.message) == (True, "2 agents restarted")
    assert before.isdisjoint({one.pid for one in outcome.started})
    assert not any(is_alive(pid or 0) for pid in before)


def test_an_agent_that_ignores_sigterm_is_killed_and_started_once(make: Make) -> None:
    supervisor = make(a=STUBBORN)
    before = running(supervisor)[0].pid or 0
    eventually(lambda: is_deaf(supervisor, "a"))

    outcome = supervisor.restart(["a"])

    assert outcome.message == "1 agent restarted"
    assert not is_alive(before)


def test_a_restart_of_an_agent_that_cannot_be_ended_is_a_failure_with_its_reason(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = make(a=SLEEP, b=SLEEP)
    deaf = {one.id: one.pid for one in running(supervisor, 2)}["a"] or 0
    send = process._signal
    with monkeypatch.context() as patched:
        patched.setattr(process, "KILL_WAIT", 0.1)
        patched.setattr(process, "_signal", lambda one, *rest: None if one.pid == deaf else send(one, *rest))

        outcome = supervisor.restart()

    assert not outcome.ok
    assert outcome.message == (f"1 of 2 agents restarted: a cannot be ended: process {deaf} still runs after SIGKILL")
    assert {one.id: one.pid for one in supervisor.list()}["a"] == deaf


def test_a_restart_of_a_slow_agent_does_not_hold_back_one_of_another(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("built_in_supervisor.QUICK", replace(QUICK, stop_grace=4.0))  # even on a busy machine
    supervisor = make(slow=STUBBORN, quick=SLEEP)
    running(supervisor, 2)
    eventually(lambda: is_deaf(supervisor, "slow"))
    ended: list[str] = []
    threads = [
        threading.Thread(target=lambda one=one: supervisor.restart([one]) and ended.append(one))
        for one in ("slow", "quick")
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert ended == ["quick", "slow"]


def test_a_restart_after_which_the_agent_dies_at_once_is_a_failure(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart, "SEEN", 10.0)  # on a busy machine a shell takes its time to start and to end
    flag = tmp_path / "broken"
    supervisor = make(a=("sh", "-c", f"test ! -e {flag} && exec sleep 120; exit 3"), b=SLEEP)
    running(supervisor, 2)
    flag.touch()

    outcome = supervisor.restart()

    assert not outcome.ok
    assert outcome.message == "1 of 2 agents restarted: a ended with exit code 3 right after its start"


def test_a_restart_of_an_unknown_agent_is_refused(make: Make) -> None:
    with pytest.raises(UnknownAgent, match="no agent x"):
        make(a=SLEEP).restart(["x"])


def test_a_restart_of_no_agents_is_not_called_a_success(make: Make) -> None:
    outcome = make().restart()

    assert (outcome.ok, outcome.message) == (False, "this node has no agents to restart")


def test_an_agent_that_is_added_to_the_file_is_started_and_one_that_is_removed_is_stopped(
    make: Make, tmp_path: Path
) -> None:
    supervisor = make(a=SLEEP)
    first = running(supervisor)[0].pid or 0

    write(tmp_path / "agents.json", b=SLEEP)

    eventually(lambda: [one.id for one in supervisor.list() if one.pid] == ["b"])
    eventually(lambda: not is_alive(first))


def test_a_broken_or_missing_file_leaves_the_agents_as_they_are(make: Make, tmp_path: Path) -> None:
    supervisor = make(watch=False, a=SLEEP)
    supervisor.tick()
    before = running(supervisor)[0].pid

    (tmp_path / "agents.json").write_text("{")
    supervisor.tick()
    (tmp_path / "agents.json").unlink()
    supervisor.tick()

    assert running(supervisor)[0].pid == before


def test_an_agent_gets_its_own_environment_and_not_the_daemons_port(make: Make, tmp_path: Path) -> None:
    entry = {"id": "a", "command": ["sh", "-c", "echo port=${PORT-none} x=$X; sleep 120"], "env": {"X": "7"}}
    (tmp_path / "agents.json").write_text(json.dumps({"agents": [entry]}))

    supervisor = make()

    assert eventually(lambda: written(supervisor.output("a").path)) == "port=none x=7\n"


def test_a_change_of_the_agents_is_told(make: Make) -> None:
    told = threading.Event()
    supervisor = make(a=SLEEP)
    supervisor.on_change = told.set
    running(supervisor)
    told.wait(2)
    told.clear()

    os.kill(supervisor.list()[0].pid or 0, signal.SIGKILL)

    assert told.wait(5)


def test_an_agent_that_came_to_run_is_told(make: Make) -> None:
    told: list[str] = []
    supervisor = make(a=SLEEP)
    supervisor.on_change = lambda: told.append(supervisor.list()[0].state)

    eventually(lambda: told[-1:] == ["running"])


def test_a_log_that_grew_too_large_is_moved_and_the_agent_goes_on_writing(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    descriptor = log_file.open_for_agent(path)
    os.write(descriptor, b"old\n" * 30)

    log_file.rotate(path, largest=100)
    os.write(descriptor, b"new\n")
    os.close(descriptor)

    assert path.read_text() == "new\n"
    assert (tmp_path / "a.log.1").read_text() == "old\n" * 30
