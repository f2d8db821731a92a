"""Commands are carried out once, whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import pytest
from daemon_doubles import eventually

from node_daemon.agents.supervisor import AgentStatus, Output, Restarted, UnknownAgent
from node_daemon.command_kinds import Command, Kind, of_agents
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
    def output(self, agent_id: str) -> Output: ...
    def unknown(self) -> Iterable[str]: ...


def carry_out_all(commands: Commands) -> None:
    while not commands._waiting.empty():
        commands.carry_out(commands._waiting.get())


def test_a_command_that_is_repeated_until_its_result_arrives_is_carried_out_once(state: StateFolder) -> None:
    supervisor = FakeSupervisor()
    commands = Commands(state, of_agents(supervisor))

    for _ in range(3):
        commands.take([ALL])
        carry_out_all(commands)

    assert supervisor.restarted == [None]
    assert [one["message"] for one in commands.results()] == ["2 agents restarted"]


def test_a_result_names_the_new_processes(state: StateFolder) -> None:
    commands = Commands(state, of_agents(FakeSupervisor()))

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
    first = Commands(state, of_agents(FakeSupervisor()))
    first.take([ALL])
    carry_out_all(first)

    second = Commands(state, of_agents(FakeSupervisor()))
    assert second.results() == first.results()
    second.acknowledge(second.results())

    assert second.results() == []
    assert Commands(state, of_agents(FakeSupervisor())).results() == []


def test_ids_are_remembered_across_a_restart_of_the_daemon(state: StateFolder) -> None:
    first = Commands(state, of_agents(FakeSupervisor()))
    first.take([ALL])
    carry_out_all(first)
    supervisor = FakeSupervisor()

    second = Commands(state, of_agents(supervisor))
    second.take([ALL])
    carry_out_all(second)

    assert supervisor.restarted == []


def test_a_command_that_was_cut_off_by_a_restart_is_reported_as_failed_and_not_repeated(state: StateFolder) -> None:
    Commands(state, of_agents(FakeSupervisor())).take([ALL])  # killed before it was carried out
    supervisor = FakeSupervisor()

    second = Commands(state, of_agents(supervisor))
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
    commands = Commands(state, of_agents(FakeSupervisor(failure)))

    commands.take([ALL])
    carry_out_all(commands)

    assert [(one["ok"], one["message"]) for one in commands.results()] == [(False, message)]


def test_an_unknown_command_is_answered_with_our_version(state: StateFolder) -> None:
    commands = Commands(state, of_agents(FakeSupervisor()))

    commands.take([{"id": "c3", "kind": "dance"}])
    carry_out_all(commands)

    assert commands.results()[0]["message"] == "this daemon (0.1.0) does not know the command dance"


@pytest.mark.parametrize(
    "nonsense", [None, "x", {}, [None, 1, {}, {"id": 5}, {"id": ""}, {"id": "x" * 65}, {"id": "a\nb"}]]
)
def test_what_is_not_a_command_is_passed_over(state: StateFolder, nonsense: object) -> None:
    commands = Commands(state, of_agents(FakeSupervisor()))

    commands.take(nonsense)

    assert commands._waiting.empty()


def in_lanes(state: StateFolder, **carry_out: Any) -> Commands:
    """Commands whose kinds have a lane each, being carried out."""
    kinds = {name: Kind(do, lane=lambda command: command.kind) for name, do in carry_out.items()}
    commands = Commands(state, kinds)
    threading.Thread(target=commands.run, daemon=True).start()
    return commands


def test_a_slow_command_does_not_hold_back_one_of_another_lane(state: StateFolder) -> None:
    ended = threading.Event()
    commands = in_lanes(state, slow=lambda _: "late" * ended.wait(20), quick=lambda _: "at once")

    commands.take([{"id": "c1", "kind": "slow"}, {"id": "c2", "kind": "quick"}])

    eventually(lambda: [one["message"] for one in commands.results()] == ["at once"])
    ended.set()
    eventually(lambda: {one["id"] for one in commands.results()} == {"c1", "c2"})


def test_commands_of_one_lane_are_carried_out_one_after_the_other_in_their_order(state: StateFolder) -> None:
    log: list[str] = []

    def slow(command: Command) -> str:
        log.append(f"{command.id} begins")
        eventually(lambda: len(commands._waiting.queue) == 0)  # all are in the lane
        log.append(f"{command.id} ends")
        return "done"

    commands = in_lanes(state, slow=slow)
    commands.take([{"id": f"c{number}", "kind": "slow"} for number in range(3)])

    eventually(lambda: len(commands.results()) == 3)
    assert log == [f"c{number} {what}" for number in range(3) for what in ("begins", "ends")]


def test_a_command_brings_its_arguments(state: StateFolder) -> None:
    commands = in_lanes(state, say=lambda command: f"{command.agent_id} {command.arguments['text']}")

    commands.take([{"id": "c1", "kind": "say", "agentId": "a", "arguments": {"text": "hello"}}])

    eventually(lambda: [(one["ok"], one["message"]) for one in commands.results()] == [(True, "a hello")])
