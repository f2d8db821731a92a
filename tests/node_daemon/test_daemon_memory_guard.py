"""An agent above its bounds of memory is named, then restarted; one peak is no reason for either."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import pytest
from daemon_doubles import Daemon, FakeControlPlane, eventually

from node_daemon.agents.memory_guard import MemoryGuard, seen
from node_daemon.agents.supervisor import AgentStatus, Restarted
from node_daemon.assignments import told
from node_daemon.machine.readers import ProcessRow

MB = 2**20


class Node:
    """One agent that uses as much memory as it is told, and is restarted."""

    def __init__(self) -> None:
        self.used, self.pid = 0, 7
        self.restarted: list[list[str]] = []

    def list(self) -> list[AgentStatus]:
        return [AgentStatus("a", "a", "", "running", self.pid, 0, None)]

    def restart(self, agent_ids: Iterable[str] | None = None) -> Restarted:
        self.restarted.append([*(agent_ids or [])])
        self.pid += 1
        return Restarted(tuple(self.list()), ())

    def members(self, sessions: Iterable[int]) -> list[ProcessRow]:
        del sessions
        half = self.used * MB // 2  # in two processes
        return [ProcessRow(pid, self.pid, "x", False, 0.0, half) for pid in (self.pid, 99)]


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture
def guard(node: Node) -> MemoryGuard:
    agents = [{"agentId": "a", "command": ["x"], "memoryWarnMb": 100, "memoryLimitMb": 200}]
    read = told.read({"revision": 1, "agents": agents})
    fake: Any = node
    return MemoryGuard(fake, fake, lambda: read.agents)


def test_an_agent_is_named_after_three_samples_above_its_first_bound(node: Node, guard: MemoryGuard) -> None:
    for used, issues in ((150, 0), (90, 0), (150, 0), (150, 0), (150, 1), (90, 0)):
        node.used = used
        guard.look()
        assert len(guard.issues()) == issues, used
        if issues:
            assert guard.issues()[0] == {
                "code": "agent_memory_high",
                "message": "Agent a uses 150 MB of memory and should stay below 100 MB",
                "agentId": "a",
            }
    assert node.restarted == []


def test_an_agent_above_its_second_bound_is_restarted_once_and_that_is_told(node: Node, guard: MemoryGuard) -> None:
    node.used = 300
    guard.look()
    guard.look()
    assert node.restarted == []

    guard.look()
    eventually(lambda: node.restarted == [["a"]])
    eventually(lambda: "was restarted: it used 300 MB" in guard.issues()[0]["message"])
    guard.look()
    assert node.restarted == [["a"]]


def test_another_process_begins_anew() -> None:
    strain = None
    for pid in (7, 7, 8):
        strain = seen(strain, pid, 500, None, 100)

    assert strain is not None
    assert strain.above_limit == 1


def test_an_agent_without_bounds_is_not_looked_at(node: Node) -> None:
    agents = told.read({"revision": 1, "agents": [{"agentId": "a", "command": ["x"]}]}).agents
    node.used = 10_000
    fake: Any = node
    guard = MemoryGuard(fake, fake, lambda: agents)

    for _ in range(5):
        guard.look()

    assert (guard.issues(), node.restarted) == ([], [])


@pytest.mark.long
def test_a_real_agent_that_grows_beyond_its_limit_is_restarted(daemon: Daemon, control_plane: FakeControlPlane) -> None:
    control_plane.interval_ms = 1000
    hungry = [sys.executable, "-S", "-c", "import time; held = bytearray(150 * 2**20); time.sleep(300)"]
    control_plane.assign({"agentId": "a", "command": hungry, "memoryLimitMb": 100})
    daemon.start()
    before = eventually(lambda: daemon.pids().get("a"))

    eventually(lambda: daemon.pids().get("a") not in (None, before), 60)
    issues = eventually(lambda: control_plane.heartbeats[-1]["issues"])

    assert issues[0]["code"] == "agent_memory_high"
    assert "more than its limit of 100 MB" in issues[0]["message"]
