"""The built-in supervisor, as often as a test needs it on one state folder, with agents that are real processes."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from daemon_doubles import eventually

from node_daemon.agents import child_processes
from node_daemon.agents.agents_file import AgentsFile
from node_daemon.agents.child_processes import ChildProcesses
from node_daemon.agents.life import Patience
from node_daemon.agents.supervisor import AgentStatus
from node_daemon.agents.wishes import Wishes
from node_daemon.assignments.assigned import Assigned
from node_daemon.machine.proc import ProcProcesses
from node_daemon.state import StateFolder

QUICK = Patience(first=0.02, longest=0.05, calm=60.0, stop_grace=0.5)
SLEEP = ("sleep", "120")

Make = Callable[..., ChildProcesses]


@pytest.fixture
def make(state: StateFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes a supervisor for agents with these commands and lets it watch."""
    monkeypatch.setattr(child_processes, "TICK", 0.03)
    made: list[ChildProcesses] = []

    def one(watch: bool = True, **commands: Sequence[str]) -> ChildProcesses:
        path = tmp_path / "agents.json"
        if commands:
            write(path, **commands)
        wishes = Wishes(AgentsFile(path), Assigned(state))
        supervisor = ChildProcesses(wishes, state, ProcProcesses(), {"PATH": os.environ["PATH"], "PORT": "1"}, QUICK)
        supervisor.open()
        made.append(supervisor)
        if watch:
            threading.Thread(target=supervisor.run, daemon=True).start()
        return supervisor

    yield one
    for supervisor in made:
        supervisor.close(stop_agents=True)


def write(path: Path, **commands: Sequence[str]) -> None:
    agents = [{"id": one, "command": list(command)} for one, command in commands.items()]
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"agents": agents}))
    fresh.replace(path)


def running(supervisor: ChildProcesses, count: int = 1) -> list[AgentStatus]:
    return eventually(lambda: len(up := [one for one in supervisor.list() if one.pid]) == count and up)
