"""Whole daemons: real processes against a real server."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from daemon_doubles import Daemon, FakeControlPlane, eventually, is_alive

from tests.kit.proof import FULL

ENDING = 2.0 if FULL else 5.0  # seconds


def two_agents(daemon: Daemon) -> dict[str, int]:
    return eventually(lambda: len(pids := daemon.pids()) == 2 and pids)


def test_a_node_registers_beats_and_answers_on_its_port(daemon: Daemon, control_plane: FakeControlPlane) -> None:
    daemon.start()

    beat = eventually(lambda: control_plane.heartbeats and control_plane.heartbeats[0])

    assert control_plane.registrations[0]["agents"] == beat["agents"] == ["demo-1", "demo-2"]
    assert control_plane.registrations[0]["machineId"] == beat["machineId"]
    assert {one["pid"] for one in beat["agentDetails"]} == set(two_agents(daemon).values())
    status, health = daemon.ask("GET", "/health")
    assert (status, health["nodeId"], health["agents"]) == (200, "n1", 2)


def test_sigterm_ends_the_daemon_within_two_seconds_and_leaves_the_agents(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    daemon.start()
    agents = two_agents(daemon)
    eventually(lambda: control_plane.heartbeats)
    control_plane.character = "silent"
    before = len(control_plane.heartbeats)
    assert daemon.ask("POST", "/nudge")[0] == 202
    eventually(lambda: len(control_plane.heartbeats) > before)  # it waits for an answer that never comes

    assert daemon.signal(signal.SIGTERM) < ENDING

    assert daemon.process is not None
    assert daemon.process.returncode == 0
    assert daemon.pids() == agents


def test_a_signal_that_another_thread_is_given_ends_the_daemon_too(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    daemon.start()
    eventually(lambda: control_plane.heartbeats)
    assert daemon.ask("POST", "/nudge")[0] == 202  # all is started: the first thread only waits

    assert daemon.signal_to_another_thread(signal.SIGTERM) < ENDING


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_that_owns_its_agents_stops_them_too(daemon: Daemon, number: int) -> None:
    daemon.env["WORKER_STOP_AGENTS_ON_EXIT"] = "1"
    daemon.start()
    agents = two_agents(daemon)

    daemon.signal(number)

    assert not any(is_alive(pid) for pid in agents.values())


def test_a_killed_daemon_leaves_its_agents_and_the_next_one_adopts_them(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    daemon.start()
    agents = two_agents(daemon)
    eventually(lambda: control_plane.heartbeats)
    daemon.signal(signal.SIGKILL)
    assert daemon.pids() == agents
    control_plane.heartbeats.clear()

    daemon.start()
    beat = eventually(lambda: control_plane.heartbeats and control_plane.heartbeats[0])

    assert {one["agentId"]: one["pid"] for one in beat["agentDetails"]} == agents
    assert len({message["machineId"] for message in control_plane.registrations}) == 1
    assert len(control_plane.registrations) == 2


def test_killed_again_and_again_there_is_never_a_second_copy(daemon: Daemon, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    daemon.write_agents(["demo-1"], ["sh", "-c", f"echo $$ >> {copies}; exec sleep 120"])

    for number in range(6):
        daemon.start()
        if number % 2:  # also in the middle of its start
            eventually(copies.exists)
        eventually((daemon.home / ".agenticmail/daemon/processes.json").exists)
        daemon.signal(signal.SIGKILL)
    daemon.start()
    eventually(daemon.pids)

    assert len([pid for pid in copies.read_text().split() if is_alive(int(pid))]) == 1


def test_agents_run_on_through_an_outage_and_the_node_comes_back_by_itself(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    daemon.start()
    agents = two_agents(daemon)
    eventually(lambda: control_plane.heartbeats)
    for character in ("refuses", "drops", "unknown"):
        control_plane.character = character
        before = len(control_plane.heartbeats)
        daemon.ask("POST", "/nudge")
        eventually(lambda before=before: len(control_plane.heartbeats) > before)

    control_plane.character = "accepts"
    before = len(control_plane.heartbeats)

    eventually(lambda: len(control_plane.heartbeats) > before)
    assert daemon.pids() == agents
    assert len(control_plane.registrations) >= 2


def test_a_command_is_carried_out_once_and_its_result_comes_at_once(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    control_plane.interval_ms = 1000
    control_plane.commands = [{"id": "c1", "kind": "restart_agents"}, {"id": "c2", "kind": "dance"}]
    daemon.start()

    done = eventually(lambda: len(control_plane.results()) >= 2 and control_plane.results())
    seen = len(control_plane.heartbeats)
    eventually(lambda: len(control_plane.heartbeats) > seen)  # the server repeats the commands meanwhile

    results = {one["id"]: one for one in done}
    assert {key: one["ok"] for key, one in results.items()} == {"c1": True, "c2": False}
    assert {one["agentId"]: one["pid"] for one in results["c1"]["agents"]} == two_agents(daemon)
    assert len(control_plane.results()) == 2
    assert {one["restarts"] for one in control_plane.heartbeats[-1]["agentDetails"]} == {1}


def test_restart_on_the_port_gives_every_agent_a_new_process_where_it_is_allowed(daemon: Daemon) -> None:
    daemon.env["WORKER_ALLOW_DIRECT_RESTART"] = "1"
    daemon.start()
    before = two_agents(daemon)
    eventually(lambda: "started" in daemon.log.read_text())

    status, body = daemon.ask("POST", "/restart")

    assert (status, body["ok"], body["message"]) == (200, True, "2 agents restarted")
    assert {one["agentId"]: one["pid"] for one in body["agents"]} == two_agents(daemon)
    assert set(before.values()).isdisjoint(two_agents(daemon).values())


def test_restart_on_the_port_is_refused_by_default(daemon: Daemon) -> None:
    daemon.start()
    before = two_agents(daemon)
    eventually(lambda: "started" in daemon.log.read_text())

    assert daemon.ask("POST", "/restart")[0] == 403

    assert two_agents(daemon) == before


def test_an_added_agent_is_started_and_told_by_an_early_beat(daemon: Daemon, control_plane: FakeControlPlane) -> None:
    daemon.start()
    eventually(lambda: control_plane.heartbeats)

    daemon.write_agents(["demo-1", "demo-2", "demo-3"])

    eventually(lambda: control_plane.heartbeats[-1]["agents"] == ["demo-1", "demo-2", "demo-3"])


def test_no_line_of_the_log_holds_the_credential(daemon: Daemon, control_plane: FakeControlPlane) -> None:
    for character in ("invalid", "redirects", "drops", "accepts"):
        control_plane.character = character
        daemon.start()
        before = len(control_plane.registrations)
        eventually(lambda before=before: len(control_plane.registrations) > before)
        daemon.signal(signal.SIGTERM)

    text = daemon.log.read_text()
    assert "secret-token" not in text
    assert "/w/***/" in text


def test_a_dry_run_prints_the_messages_sends_nothing_and_starts_nothing(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    ended = daemon.finish("--dry-run")

    said = json.loads(ended.stdout)
    assert (ended.returncode, said["register"]["nodeId"], said["heartbeat"]["scope"]) == (0, "n1", "node")
    assert control_plane.paths == []
    assert not (daemon.home / ".agenticmail" / "daemon").exists()


def test_once_sends_one_registration_and_one_heartbeat(daemon: Daemon, control_plane: FakeControlPlane) -> None:
    ended = daemon.finish("--once")

    said = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert control_plane.registrations == [said["register"]]
    assert control_plane.heartbeats == [said["heartbeat"]]
    assert daemon.pids() == {}


def test_once_fails_when_the_control_plane_refuses(daemon: Daemon, control_plane: FakeControlPlane) -> None:
    control_plane.character = "conflict"

    ended = daemon.finish("--once")

    assert ended.returncode == 1
    assert json.loads(ended.stdout)["answers"] == [
        {"ok": False, "status": 409, "error": "another machine uses this id"}
    ]


def test_once_beside_a_running_daemon_reports_its_agents_and_leaves_them_alone(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    daemon.start()
    agents = two_agents(daemon)

    ended = daemon.finish("--once")

    beat = json.loads(ended.stdout)["heartbeat"]
    assert {one["agentId"]: one["pid"] for one in beat["agentDetails"]} == agents
    assert daemon.pids() == agents


def test_the_version_is_printed(daemon: Daemon) -> None:
    assert daemon.finish("--version").stdout == "muster-node-daemon 0.1.0\n"


@pytest.mark.long
def test_an_agent_that_fails_is_reported_as_crash_looping_with_the_real_patience(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    control_plane.interval_ms = 1000
    daemon.write_agents(["demo-1"], ["false"])
    daemon.start()

    issues = eventually(lambda: control_plane.heartbeats and control_plane.heartbeats[-1]["issues"], seconds=60)

    assert issues[0]["code"] == "agent_crash_loop"
    assert control_plane.heartbeats[-1]["agents"] == []
