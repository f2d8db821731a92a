"""Commands are carried out once, whatever happens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from node_daemon.agents.supervisor import AgentStatus, Restarted, UnknownAgent
from node_daemon.commands import Commands
from node_daemon.state import StateFolder

ALL = {"id": "c1", "kind": "restart_agents"}


class FakeSupervisor:
    """Restarts two agents, or fails as told."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.restarted: list[list[str] | None] = []
        self.failure = failure

    def restart(self, agent_ids: Iterable[str] | None = None) -> Restarted:
        ids = None if agent_ids is None else list(agent_ids)
        self.restarted.append(ids)
        if self.failure:
            raise self.failure
        started = tuple(AgentStatus(one, one, "", "running", 7, 1, "2026-11-23T15:04:30.000Z") for one in ids or "ab")
        return Restarted(started, ())

    def list(self) -> Any: ...
    def start(self, agent_id: str) -> None: ...
    def stop(self, agent_id: str) -> None: ...
    def logs(self, agent_id: str, lines: int = 100) -> str: ...


def carry_out_all(commands: Commands) -> None:
    while not commands._waiting.empty():
        commands.carry_out(commands._waiting.get())


def test_a_command_that_is_repeated_until_its_result_arrives_is_carried_out_once(state: StateFolder) -> None:
    supervisor = FakeSupervisor()
    commands = Commands(state, supervisor)

    for _ in range(3):
        commands.take([ALL])
        carry_out_all(commands)

    assert supervisor.restarted == [None]
    assert [one["message"] for one in commands.results()] == ["2 agents restarted"]


def test_a_result_names_the_new_processes(state: StateFolder) -> None:
    commands = Commands(state, FakeSupervisor())

    commands.take([{"id": "c2", "kind": "restart_agent", "agentId": "a"}])
    carry_out_all(commands)

    assert commands.results() == [
        {
            "id": "c2",
            "ok": True,
            "message": "1 agent restarted",
            "agents": [{"agentId": "a", "pid": 7, "startedAt": "2026-11-23T15:04:30.000Z"}],
        }
    ]


def test_a_result_is_kept_until_it_is_acknowledged_also_by_the_next_daemon(state: StateFolder) -> None:
    first = Commands(state, FakeSupervisor())
    first.take([ALL])
    carry_out_all(first)

    second = Commands(state, FakeSupervisor())
    assert second.results() == first.results()
    second.acknowledge(second.results())

    assert second.results() == []
    assert Commands(state, FakeSupervisor()).results() == []


def test_ids_are_remembered_across_a_restart_of_the_daemon(state: StateFolder) -> None:
    first = Commands(state, FakeSupervisor())
    first.take([ALL])
    carry_out_all(first)
    supervisor = FakeSupervisor()

    second = Commands(state, supervisor)
    second.take([ALL])
    carry_out_all(second)

    assert supervisor.restarted == []


def test_a_command_that_was_cut_off_by_a_restart_is_reported_as_failed_and_not_repeated(state: StateFolder) -> None:
    Commands(state, FakeSupervisor()).take([ALL])  # killed before it was carried out
    supervisor = FakeSupervisor()

    second = Commands(state, supervisor)
    second.take([ALL])
    carry_out_all(second)

    assert [(one["id"], one["ok"]) for one in second.results()] == [("c1", False)]
    assert supervisor.restarted == []


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (UnknownAgent("this node has no agent x"), "this node has no agent x"),
        (RuntimeError("secret-token"), "this command failed on the node: see the daemon's log"),
    ],
)
def test_a_failure_is_a_result(state: StateFolder, failure: Exception, message: str) -> None:
    commands = Commands(state, FakeSupervisor(failure))

    commands.take([ALL])
    carry_out_all(commands)

    assert [(one["ok"], one["message"]) for one in commands.results()] == [(False, message)]


def test_an_unknown_command_is_answered_with_our_version(state: StateFolder) -> None:
    commands = Commands(state, FakeSupervisor())

    commands.take([{"id": "c3", "kind": "dance"}])
    carry_out_all(commands)

    assert commands.results()[0]["message"] == "this daemon (0.1.0) does not know the command dance"


@pytest.mark.parametrize(
    "nonsense", [None, "x", {}, [None, 1, {}, {"id": 5}, {"id": ""}, {"id": "x" * 65}, {"id": "a\nb"}]]
)
def test_what_is_not_a_command_is_passed_over(state: StateFolder, nonsense: object) -> None:
    commands = Commands(state, FakeSupervisor())

    commands.take(nonsense)

    assert commands._waiting.empty()
