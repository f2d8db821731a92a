"""The built-in supervisor takes over what the daemon before it left running, and touches nothing else."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from built_in_supervisor import SLEEP, Make, running
from daemon_doubles import eventually, is_alive

from node_daemon.state import StateFolder


def test_a_stopped_agent_stays_stopped_also_for_the_next_daemon(make: Make) -> None:
    supervisor = make(a=SLEEP)
    running(supervisor)

    supervisor.stop("a")
    supervisor.close(stop_agents=False)
    successor = make()
    successor.tick()

    assert [one.state for one in successor.list()] == ["stopped"]
    successor.start("a")
    running(successor)


def test_the_next_daemon_adopts_a_running_agent_and_watches_it(make: Make) -> None:
    first = make(a=SLEEP)
    before = running(first)[0]
    first.close(stop_agents=False)

    second = make()

    assert running(second)[0].pid == before.pid
    assert second.list()[0].started_at == before.started_at
    os.killpg(before.pid or 0, signal.SIGKILL)
    eventually(lambda: second.list()[0].pid not in (None, before.pid))


def test_a_pid_that_belongs_to_another_process_by_now_is_neither_adopted_nor_touched(
    make: Make, state: StateFolder
) -> None:
    first = make(a=SLEEP)
    stranger = running(first)[0].pid or 0
    first.close(stop_agents=False)
    saved = state.read("processes.json")
    saved["agents"]["a"]["identity"] += "0"  # as if the pid had been given to somebody else
    state.write("processes.json", saved)

    second = make()

    assert running(second)[0].pid != stranger
    second.restart()
    assert is_alive(stranger)
    os.kill(stranger, signal.SIGKILL)


def test_an_agent_whose_pid_was_never_saved_is_found_by_its_mark(make: Make, state: StateFolder) -> None:
    first = make(a=SLEEP)
    before = running(first)[0].pid
    first.close(stop_agents=False)
    saved = state.read("processes.json")
    saved["agents"]["a"].update(pid=None, identity=None)  # the daemon was killed between the start and this
    state.write("processes.json", saved)

    assert running(make())[0].pid == before
    assert state.read("processes.json")["agents"]["a"]["pid"] == before


def test_an_agent_that_left_the_file_while_no_daemon_ran_is_stopped(make: Make) -> None:
    first = make(a=SLEEP)
    before = running(first)[0].pid or 0
    first.close(stop_agents=False)

    second = make(b=SLEEP)

    eventually(lambda: not is_alive(before))
    assert [one.id for one in running(second)] == ["b"]


def test_without_an_agents_file_what_ran_before_goes_on(make: Make, tmp_path: Path) -> None:
    first = make(a=SLEEP)
    before = running(first)[0].pid
    first.close(stop_agents=False)
    (tmp_path / "agents.json").unlink()

    assert running(make())[0].pid == before
