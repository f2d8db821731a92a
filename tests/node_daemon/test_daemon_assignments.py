"""A node runs what it is told to run: the same tests for both supervisors, with agents that are real processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from daemon_doubles import eventually, is_alive
from supervised_place import Place

from node_daemon.agents import child_processes
from node_daemon.agents.pm2 import supervisor as pm2_supervisor
from node_daemon.agents.supervisor import AgentStatus, Caretaker
from node_daemon.control_plane import Answer
from node_daemon.state import StateFolder
from tests import pm2

SLEEP = ["sleep", "300"]
STUBBORN = ["sh", "-c", "trap '' TERM INT; while :; do sleep 0.2; done"]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pm2.runtime(tmp_path_factory)


@pytest.fixture(params=["builtin", pytest.param("pm2", marks=pytest.mark.long)])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, state: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setattr(child_processes, "TICK", 0.03)
    monkeypatch.setattr(pm2_supervisor, "TICK", 0.2)
    runtime = request.getfixturevalue("runtime") if request.param == "pm2" else None
    one = Place(tmp_path, state, request.param, runtime)
    yield one
    one.end()


def agent(agent_id: str, **said: Any) -> dict[str, Any]:
    return {"agentId": agent_id, "command": SLEEP, **said}


def told(place: Place, *agents: dict[str, Any], **said: Any) -> int:
    """The control plane takes a heartbeat now, and has this to run; answers the revision."""
    revision = place.assigned.told.revision + 1
    body = {"revision": revision, "agents": list(agents), **said}
    place.assigned.heard(Answer(200, {"assignments": revision}), place.now, lambda: Answer(200, body))
    return revision


def done(place: Place, revision: int) -> None:
    eventually(lambda: place.assigned.carried_out == revision, 30)


def pids(supervisor: Caretaker) -> dict[str, int]:
    return {one.id: one.pid for one in supervisor.list() if one.pid}


def up(supervisor: Caretaker, *agent_ids: str) -> dict[str, int]:
    return dict(eventually(lambda: set(found := pids(supervisor)) == set(agent_ids) and found, 30))


def status(supervisor: Caretaker, agent_id: str) -> AgentStatus:
    return next(one for one in supervisor.list() if one.id == agent_id)


def test_what_is_assigned_runs_beside_what_the_node_has_of_its_own(place: Place) -> None:
    place.write(own=SLEEP)
    supervisor = place.open()
    before = up(supervisor, "own")

    done(place, told(place, agent("a"), agent("b")))

    assert up(supervisor, "own", "a", "b")["own"] == before["own"]


def test_a_changed_agent_is_restarted_and_no_other_one(place: Place) -> None:
    supervisor = place.open()
    done(place, told(place, agent("a"), agent("b")))
    before = up(supervisor, "a", "b")

    done(place, told(place, agent("a", env={"X": "1"}), agent("b", name="Bea")))

    eventually(lambda: pids(supervisor).get("a") not in (None, before["a"]), 20)
    assert not is_alive(before["a"])
    assert pids(supervisor)["b"] == before["b"]
    assert status(supervisor, "b").name == "Bea"


def test_what_is_not_assigned_any_more_is_stopped_also_when_the_node_has_a_command_for_it(place: Place) -> None:
    place.write(own=SLEEP, a=SLEEP)
    supervisor = place.open()
    done(place, told(place, agent("a", command=None), agent("b")))
    before = up(supervisor, "own", "a", "b")

    done(place, told(place))

    assert up(supervisor, "own") == {"own": before["own"]}
    assert not is_alive(before["a"])
    assert not is_alive(before["b"])


def test_a_stopped_agent_is_started_again_when_it_is_wanted(place: Place) -> None:
    supervisor = place.open()
    done(place, told(place, agent("a")))
    before = up(supervisor, "a")["a"]

    done(place, told(place, agent("a", wanted="stopped")))
    assert not is_alive(before)
    assert status(supervisor, "a").state == "stopped"

    done(place, told(place, agent("a")))
    up(supervisor, "a")


def test_the_brake_stops_all_and_lets_go_of_all(place: Place) -> None:
    place.write(own=SLEEP)
    supervisor = place.open()
    done(place, told(place, agent("a"), agent("b", wanted="stopped")))
    before = up(supervisor, "own", "a")

    done(place, told(place, agent("a"), agent("b", wanted="stopped"), pausedAgents="all"))
    assert not any(map(is_alive, before.values()))
    assert {one.id: one.state for one in supervisor.list()} == {"own": "paused", "a": "paused", "b": "paused"}

    done(place, told(place, agent("a"), agent("b", wanted="stopped")))
    up(supervisor, "own", "a")


def test_what_is_paused_is_not_started_by_a_restart(place: Place) -> None:
    supervisor = place.open()
    done(place, told(place, agent("a"), agent("b")))
    done(place, told(place, agent("a"), agent("b"), pausedAgents=["a"]))

    one, every = supervisor.restart(["a"]), supervisor.restart()

    assert not one.ok
    assert one.message == "0 of 1 agents restarted: a was not started: it is paused for the whole fleet"
    assert [agent.id for agent in every.started] == ["b"]
    up(supervisor, "b")


def test_an_agent_whose_lease_ran_out_is_stopped_though_it_ignores_signals_and_others_go_on(place: Place) -> None:
    supervisor = place.open()
    leased = agent("leased", onNodeLoss="move", leaseSeconds=30, command=STUBBORN)
    done(place, told(place, leased, agent("stays"), agent("long", onNodeLoss="stop", leaseSeconds=600)))
    before = up(supervisor, "leased", "stays", "long")

    place.now += 31
    eventually(lambda: not is_alive(before["leased"]), 15)
    assert up(supervisor, "stays", "long") == {"stays": before["stays"], "long": before["long"]}

    place.assigned.heard(Answer(200, {}), place.now, lambda: Answer(500))
    assert up(supervisor, "leased", "stays", "long")["stays"] == before["stays"]


def test_the_next_daemon_keeps_what_runs_and_starts_nothing_that_may_be_elsewhere(place: Place) -> None:
    supervisor = place.open(watch=False)
    moves, stays, other = agent("moves", onNodeLoss="move"), agent("stays"), agent("other", onNodeLoss="move")
    told(place, moves, stays)
    eventually(lambda: supervisor.tick() or len(pids(supervisor)) == 2, 30)
    before = pids(supervisor)
    told(place, moves, stays, other)  # and the daemon ends before it carries that out
    supervisor.close(stop_agents=False)

    successor = place.open(watch=False)
    eventually(lambda: successor.tick() or pids(successor) == before, 30)
    for _ in range(5):
        successor.tick()
    assert (pids(successor), place.assigned.carried_out) == (before, 0)

    place.assigned.heard(Answer(200, {}), place.now, lambda: Answer(500))
    eventually(lambda: successor.tick() or len(pids(successor)) == 3, 30)
    assert {**pids(successor), **before} == pids(successor)


def test_an_agent_without_any_command_is_named(place: Place) -> None:
    supervisor = place.open()

    done(place, told(place, agent("x", command=None)))

    assert list(supervisor.unknown()) == ["x"]
