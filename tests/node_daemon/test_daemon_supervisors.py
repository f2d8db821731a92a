"""What every supervisor must do, whoever runs the agents: the same tests for the built-in one and for PM2."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from daemon_doubles import eventually, is_alive, written
from supervised_place import QUICK, Place

from node_daemon import settings
from node_daemon.agents import child_processes, choice, restart
from node_daemon.agents.pm2 import restart as pm2_restart
from node_daemon.agents.pm2 import rpc
from node_daemon.agents.pm2 import supervisor as pm2_supervisor
from node_daemon.agents.pm2.client import CLI_LIMIT
from node_daemon.agents.supervisor import AgentStatus, Caretaker, UnknownAgent
from node_daemon.machine.proc import ProcProcesses
from node_daemon.state import StateFolder
from tests import pm2

SLEEP = ["sleep", "300"]
# Seconds: a `pm2 start` that was still under way when its PM2 was lost waits for its own limit first.
RECOVERED = CLI_LIMIT + 30

Make = Callable[..., Caretaker]


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pm2.runtime(tmp_path_factory)


@pytest.fixture(params=["builtin", pytest.param("pm2", marks=pytest.mark.long)])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, state: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """The same place for each supervisor."""
    monkeypatch.setattr(child_processes, "TICK", 0.03)
    monkeypatch.setattr(pm2_supervisor, "TICK", 0.2)
    runtime = request.getfixturevalue("runtime") if request.param == "pm2" else None
    one = Place(tmp_path, state, request.param, runtime)
    yield one
    one.end()


@pytest.fixture
def under_pm2(tmp_path: Path, state: StateFolder, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(pm2_supervisor, "TICK", 0.2)
    one = Place(tmp_path, state, "pm2", runtime)
    yield one
    one.end()


def running(supervisor: Caretaker, count: int = 1) -> dict[str, AgentStatus]:
    def look() -> dict[str, AgentStatus]:
        up = {one.id: one for one in supervisor.list() if one.pid}
        return up if len(up) == count else {}

    found: dict[str, AgentStatus] = eventually(look, 20)
    return found


def test_what_stands_in_the_file_runs(place: Place) -> None:
    place.write(a=SLEEP, b=SLEEP)
    supervisor = place.open()

    up = running(supervisor, 2)

    assert {one.restarts for one in up.values()} == {0}
    assert all(is_alive(one.pid or 0) for one in up.values())
    eventually(lambda: {one.state for one in supervisor.list()} == {"running"})


def test_an_agent_that_is_to_run_differently_is_not_said_to_run_until_it_does(place: Place) -> None:
    place.write(a=SLEEP)
    first = place.open()
    before = running(first)["a"]
    eventually(lambda: first.list()[0].state == "running")
    first.close(stop_agents=False)
    place.write(a=["sleep", "301"])

    second = place.open(watch=False)

    assert [(one.pid, one.state) for one in second.list()] == [(before.pid, "starting")]
    eventually(lambda: second.tick() or second.list()[0].state == "running")  # type: ignore[func-returns-value]
    assert second.list()[0].pid not in (None, before.pid)


def test_a_restart_answers_with_the_new_process_and_leaves_the_others(place: Place) -> None:
    place.write(a=SLEEP, b=SLEEP)
    supervisor = place.open()
    before = running(supervisor, 2)

    outcome = supervisor.restart(["a"])

    assert (outcome.ok, outcome.message) == (True, "1 agent restarted")
    assert outcome.started[0].pid not in (None, before["a"].pid)
    assert not is_alive(before["a"].pid or 0)
    assert running(supervisor, 2)["b"].pid == before["b"].pid


def test_a_restart_of_an_unknown_agent_is_refused(place: Place) -> None:
    place.write(a=SLEEP)

    with pytest.raises(UnknownAgent):
        place.open().restart(["x"])


def test_a_restart_after_which_the_agent_dies_at_once_is_a_failure(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in (restart, pm2_restart):  # on a busy machine a shell takes its time to start and to end
        monkeypatch.setattr(one, "SEEN", 5.0)
    flag = tmp_path / "broken"
    place.write(a=["sh", "-c", f"test ! -e {flag} && exec sleep 300; exit 3"])
    supervisor = place.open()
    running(supervisor)
    flag.touch()

    outcome = supervisor.restart()

    assert not outcome.ok
    assert outcome.problems[0].startswith("a ")


def test_a_dead_agent_is_started_again(place: Place) -> None:
    place.write(a=SLEEP)
    supervisor = place.open()
    first = running(supervisor)["a"].pid or 0

    os.kill(first, signal.SIGKILL)

    again = eventually(lambda: (one := supervisor.list()[0]).pid not in (None, first) and one, 20)
    assert again.restarts == 1


def test_a_stopped_agent_stays_stopped_until_it_is_started(place: Place) -> None:
    place.write(a=SLEEP)
    supervisor = place.open()
    running(supervisor)

    supervisor.stop("a")
    supervisor.tick()
    assert supervisor.list()[0].state == "stopped"

    supervisor.start("a")
    running(supervisor)


def test_the_next_supervisor_takes_over_what_runs(place: Place) -> None:
    place.write(a=SLEEP)
    first = place.open()
    before = running(first)["a"].pid
    first.close(stop_agents=False)

    second = place.open()
    second.tick()

    assert running(second)["a"].pid == before
    assert second.list()[0].restarts == 0


def test_a_changed_file_starts_what_is_new_and_stops_what_is_gone(place: Place) -> None:
    place.write(a=SLEEP, b=SLEEP)
    supervisor = place.open()
    before = running(supervisor, 2)

    place.write(b=SLEEP, c=SLEEP)

    eventually(lambda: {one.id for one in supervisor.list() if one.pid} == {"b", "c"}, 20)
    eventually(lambda: not is_alive(before["a"].pid or 0))
    assert running(supervisor, 2)["b"].pid == before["b"].pid


def test_an_agent_that_dies_again_and_again_is_crash_looping(place: Place) -> None:
    place.write(a=["false"], b=SLEEP)
    supervisor = place.open()

    found = eventually(lambda: (one := supervisor.list()[0]).state == "crash_looping" and one, 40)

    assert not found.is_running
    assert running(supervisor)["b"].state in ("starting", "running")


def test_an_agent_that_died_too_often_is_left_alone_until_somebody_starts_it(place: Place) -> None:
    place.patience = replace(QUICK, give_up_after=3)
    flag = place.folder / "repaired"
    place.write(a=["sh", "-c", f"test -e {flag} && exec sleep 300; exit 7"])
    supervisor = place.open()

    found = eventually(lambda: (one := supervisor.list()[0]).state == "crash_looping" and one, 40)
    assert (found.exit_code, found.exited_at is None) == (7, False)
    assert eventually(lambda: supervisor.list()[0].is_given_up, 40)
    flag.touch()  # nobody looks
    for _ in range(3):
        supervisor.tick()
    assert supervisor.list()[0].pid is None

    assert supervisor.restart(["a"]).ok
    running(supervisor)
    eventually(lambda: supervisor.list()[0].state == "running", 20)


def test_the_log_of_an_agent_is_what_it_wrote(place: Place) -> None:
    place.write(a=["sh", "-c", "echo hello; exec sleep 300"])
    supervisor = place.open()

    eventually(lambda: "hello" in written(supervisor.output("a").path), 20)


def test_looking_starts_no_pm2(under_pm2: Place) -> None:
    under_pm2.write(a=SLEEP)
    supervisor = under_pm2.open(watch=False)

    assert [(one.pid, one.state) for one in supervisor.list()] == [(None, "starting")]
    assert not under_pm2.pm2_home.exists()


def test_no_file_and_no_list_of_pm2_holds_a_variable_of_worker_env(under_pm2: Place) -> None:
    assert under_pm2.runtime is not None
    program = under_pm2.folder / "agent.js"
    program.write_text("setInterval(() => {}, 1000); console.log(process.env.DATABASE_URL, process.env.PORT)\n")
    binary = under_pm2.runtime / "lib" / "node_modules" / ".bin" / "the-agent"
    binary.symlink_to(program)
    try:
        under_pm2.write(a=["the-agent"])
        supervisor = under_pm2.open()
        eventually(lambda: "canary" in written(supervisor.output("a").path), 20)
    finally:
        binary.unlink()

    listed = [*under_pm2.pm2_home.parent.glob("*.json"), *under_pm2.pm2_home.rglob("*")]
    found = [path for path in listed if path.is_file() and b"canary" in path.read_bytes()]
    assert found == []
    assert "canary" not in json.dumps(rpc.call(under_pm2.pm2_home, "getMonitorData", {}))


@pytest.mark.long
def test_agents_that_outlive_their_pm2_are_not_started_twice(under_pm2: Place) -> None:
    under_pm2.write(a=SLEEP)
    supervisor = under_pm2.open()
    orphan = running(supervisor)["a"].pid or 0

    os.kill(int((under_pm2.pm2_home / "pm2.pid").read_text()), signal.SIGKILL)

    eventually(lambda: (one := supervisor.list()[0]).pid not in (None, orphan) and one, RECOVERED)
    eventually(lambda: not is_alive(orphan))


@pytest.mark.long
def test_a_pm2_whose_folder_was_deleted_is_ended_before_another_one_starts(under_pm2: Place) -> None:
    under_pm2.write(a=SLEEP)
    supervisor = under_pm2.open()
    first = running(supervisor)["a"].pid or 0
    stray = int((under_pm2.pm2_home / "pm2.pid").read_text())

    under_pm2.pm2_home.rename(under_pm2.folder / "taken")

    eventually(lambda: (one := supervisor.list()[0]).pid not in (None, first) and one, RECOVERED)
    assert not is_alive(stray)
    assert not is_alive(first)


@pytest.mark.long
@pytest.mark.parametrize(("former", "present"), [("builtin", "pm2"), ("pm2", "builtin")])
def test_after_a_change_of_supervisor_each_agent_runs_once(
    tmp_path: Path, runtime: Path, state: StateFolder, former: str, present: str
) -> None:
    place = Place(tmp_path, state, former, runtime)
    place.write(a=SLEEP)
    before = running(place.open())["a"].pid or 0
    place.made[0].close(stop_agents=False)
    variables = {
        "ENTERPRISE_URL": "http://127.0.0.1:9",
        "WORKER_NODE_ID": "n1",
        "WORKER_SUPERVISOR": present,
        "WORKER_RUNTIME": str(runtime),
        "WORKER_PM2_HOME": str(place.pm2_home),
    }

    choice.end_former(settings.check(variables, str(tmp_path)), state, ProcProcesses())

    eventually(lambda: place.made[0].list() and not is_alive(before))
    place.kind = present
    try:
        assert running(place.open())["a"].pid != before
    finally:
        place.end()
