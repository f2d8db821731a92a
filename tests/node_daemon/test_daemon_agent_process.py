"""Ending processes: all of the agent's, and nobody else's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from daemon_doubles import eventually, is_alive

from node_daemon.agents.process import AgentProcess, end_leftovers, stop_together
from node_daemon.machine.proc import ProcProcesses

PROCESSES = ProcProcesses()
STUBBORN_CHILD = "trap '' TERM; sleep 120 & echo $! > {}; wait; wait"

Start = Callable[..., AgentProcess]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process in a session of its own."""
    children: list[subprocess.Popen[bytes]] = []

    def one(*command: str) -> AgentProcess:
        child = subprocess.Popen(command, start_new_session=True)
        children.append(child)
        row = PROCESSES.process(child.pid)
        assert row is not None
        return AgentProcess(child.pid, row.identity, "", child)

    yield one
    for child in children:
        child.kill()
        child.wait(5)


def strangers_pid(agent: AgentProcess) -> AgentProcess:
    """An agent that died, and whose pid is this living process's by now."""
    return AgentProcess(agent.pid, agent.identity + "0", "")


@pytest.mark.parametrize(
    "end", [lambda one: stop_together([one], PROCESSES, 0.1), lambda one: end_leftovers(one, PROCESSES)]
)
def test_a_process_that_got_the_pid_of_a_dead_agent_is_not_touched(
    start: Start, end: Callable[[AgentProcess], object]
) -> None:
    stranger = start("sleep", "60")

    end(strangers_pid(stranger))

    assert stranger.child is not None
    with pytest.raises(subprocess.TimeoutExpired):
        stranger.child.wait(0.2)


def test_children_that_ignore_sigterm_are_ended_too(start: Start, tmp_path: Path) -> None:
    pid_file = tmp_path / "child"
    agent = start("sh", "-c", STUBBORN_CHILD.format(pid_file))
    child = int(eventually(lambda: pid_file.exists() and pid_file.read_text().strip()))

    assert stop_together([agent], PROCESSES, 0.2) == []

    assert not is_alive(agent.pid)
    assert not is_alive(child)


def test_a_child_in_a_group_of_its_own_is_ended_too(start: Start, tmp_path: Path) -> None:
    pid_file = tmp_path / "child"
    code = f"import os,time; os.fork() or (os.setpgid(0, 0), open({str(pid_file)!r}, 'w').write(str(os.getpid())))"
    agent = start(sys.executable, "-S", "-c", code + "; time.sleep(60)")
    child = int(eventually(lambda: pid_file.exists() and pid_file.read_text()))

    stop_together([agent], PROCESSES, 0.5)

    assert not is_alive(child)


@pytest.mark.parametrize(
    ("command", "words"),
    [(("sh", "-c", "exit 3"), "ended with exit code 3"), (("sh", "-c", "kill -9 $$"), "was ended by signal 9")],
)
def test_the_end_of_an_agent_is_told_in_words(start: Start, command: Sequence[str], words: str) -> None:
    agent = start(*command)

    eventually(lambda: not agent.is_alive(PROCESSES))

    assert agent.ending() == words
