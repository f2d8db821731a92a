"""Real daemons, cut off from their control plane: what may run elsewhere does not run here, all else goes on."""

from __future__ import annotations

import fcntl
import signal
from pathlib import Path
from typing import Any

import pytest
from daemon_doubles import Daemon, FakeControlPlane, eventually, is_alive

STUBBORN = ["sh", "-c", "trap '' TERM INT; while :; do sleep 0.2; done"]


def agent(agent_id: str, **said: Any) -> dict[str, Any]:
    return {"agentId": agent_id, "command": ["sleep", "120"], **said}


def moving(agent_id: str, **said: Any) -> dict[str, Any]:
    return agent(agent_id, onNodeLoss="move", leaseSeconds=3, **said)


def up(daemon: Daemon, *agent_ids: str) -> dict[str, int]:
    return dict(eventually(lambda: set(found := daemon.pids()) == set(agent_ids) and found))


def seen(control_plane: FakeControlPlane, revision: int) -> None:
    eventually(lambda: control_plane.heartbeats and control_plane.heartbeats[-1]["assignments"] == revision)


def test_assigned_agents_run_and_are_reported_with_their_epoch(daemon: Daemon, control_plane: FakeControlPlane) -> None:
    revision = control_plane.assign(agent("a", epoch=7, name="Anna"), agent("x", command=None))
    daemon.start()

    up(daemon, "demo-1", "demo-2", "a")
    seen(control_plane, revision)

    eventually(lambda: any("a" in beat["agents"] for beat in control_plane.heartbeats))
    beat = control_plane.heartbeats[-1]
    details = {one["agentId"]: one for one in beat["agentDetails"]}
    assert (details["a"]["epoch"], details["a"]["name"]) == (7, "Anna")
    assert "epoch" not in details["demo-1"]
    assert [(one["code"], one["agentId"]) for one in beat["issues"]] == [("agent_not_known", "x")]


def test_a_daemon_that_is_killed_finds_its_assigned_agents_again(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    revision = control_plane.assign(agent("a"), agent("b", onNodeLoss="move", leaseSeconds=60))
    daemon.start()
    before = up(daemon, "demo-1", "demo-2", "a", "b")
    seen(control_plane, revision)

    daemon.signal(signal.SIGKILL)
    control_plane.character = "refuses"  # it cannot ask either
    daemon.start()
    daemon.answers()

    assert daemon.pids() == before
    control_plane.character = "accepts"
    count = len(control_plane.heartbeats)
    eventually(lambda: len(control_plane.heartbeats) > count)
    seen(control_plane, revision)
    assert daemon.pids() == before


def test_a_daemon_that_is_cut_off_stops_what_may_move_and_starts_it_again_when_it_is_heard(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    control_plane.interval_ms = 1000
    control_plane.assign(moving("a"), moving("stubborn", command=STUBBORN), agent("stays"))
    daemon.start()
    before = up(daemon, "demo-1", "demo-2", "a", "stubborn", "stays")
    seen(control_plane, 1)

    control_plane.character = "drops"
    eventually(lambda: not is_alive(before["a"]) and not is_alive(before["stubborn"]))
    kept = up(daemon, "demo-1", "demo-2", "stays")
    assert kept == {one: before[one] for one in kept}

    control_plane.character = "accepts"
    after = up(daemon, *before)
    assert {one: after[one] for one in kept} == kept


@pytest.mark.long
def test_what_was_moved_away_meanwhile_is_not_started_again(daemon: Daemon, control_plane: FakeControlPlane) -> None:
    control_plane.interval_ms = 1000
    control_plane.assign(moving("a"))
    daemon.start()
    before = up(daemon, "demo-1", "demo-2", "a")
    seen(control_plane, 1)
    control_plane.character = "silent"
    eventually(lambda: not is_alive(before["a"]))

    revision = control_plane.assign()
    control_plane.character = "accepts"
    seen(control_plane, revision)

    assert set(daemon.pids()) == {"demo-1", "demo-2"}
    assert "assignments.json" in {path.name for path in (daemon.home / ".agenticmail/daemon").iterdir()}


def test_the_brake_holds_over_a_restart_of_the_daemon(daemon: Daemon, control_plane: FakeControlPlane) -> None:
    daemon.start()
    before = up(daemon, "demo-1", "demo-2")
    control_plane.assign(pausedAgents="all")
    daemon.ask("POST", "/nudge")
    seen(control_plane, 1)
    assert not any(map(is_alive, before.values()))

    daemon.signal(signal.SIGTERM)
    control_plane.character = "refuses"
    daemon.start()
    daemon.answers()
    assert daemon.pids() == {}

    control_plane.assign()
    control_plane.character = "accepts"
    up(daemon, "demo-1", "demo-2")


@pytest.mark.long
def test_an_agent_that_may_move_does_not_outlive_its_lease_when_its_daemon_is_gone(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    control_plane.interval_ms = 1000
    control_plane.assign(moving("a", command=STUBBORN), agent("stays"))
    daemon.start()
    before = up(daemon, "demo-1", "demo-2", "a", "stays")
    seen(control_plane, 1)
    count = len(control_plane.heartbeats)
    eventually(lambda: len(control_plane.heartbeats) > count + 1)

    daemon.signal(signal.SIGKILL)

    eventually(lambda: not is_alive(before["a"]), 30)  # its lease, and the time that a daemon would have had
    assert {one: pid for one, pid in before.items() if one != "a"} == daemon.pids()
    (daemon.home / ".agenticmail/daemon/assignments.json").unlink()  # as an uninstall does: nothing is left to watch
    eventually(lambda: _is_free(daemon.home / ".agenticmail/daemon/guard.lock"))


def _is_free(lock: Path) -> bool:
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
