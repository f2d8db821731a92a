"""Daemons that are killed or stopped, and machines that die while nobody listens."""

import signal
import time
from pathlib import Path

import pytest

from config import Settings
from tests.fleet import until
from tests.kit.fleets import a_fleet
from tests.kit.hosts import obstacle
from tests.kit.proof import FULL, Proof

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(bool(obstacle()), reason=f"nodes need root and namespaces: {obstacle()}"),
]


def test_f20_a_killed_daemon_is_the_same_node_again_and_a_stopped_one_is_offline_once_if_it_was_too_long(
    tmp_path: Path, settings: Settings, proof: Proof
) -> None:
    short, long = (60, 150) if FULL else (2, 8)
    with a_fleet(tmp_path, settings, "signals", 3) as fleet:
        killed, paused, stopped = fleet.nodes
        daemon = killed.daemon
        began = time.monotonic()
        for node in (paused, stopped):
            node.daemon.send_signal(signal.SIGSTOP)
        daemon.kill()
        until(lambda: not daemon.is_running() or daemon.status() == "zombie")
        killed.start_daemon()
        until(lambda: time.monotonic() - began >= short, short + 1)
        paused.daemon.send_signal(signal.SIGCONT)
        until(lambda: time.monotonic() - began >= long, long + 1)
        stopped.daemon.send_signal(signal.SIGCONT)
        fleet.wait([stopped], "online", 35)
        fleet.wait_online(5)
        seen = [fleet.plane.reasons(node.node_id) for node in fleet.nodes]
        ids = {row[0] for row in fleet.ask("SELECT machine_id FROM cluster_nodes")}

    assert seen == [["registered"], ["registered"], ["registered", "silent", "heartbeat"]]
    assert len(ids) == 3
    proof.row(
        f"F20 a daemon killed, one stopped for {short} s, one for {long} s",
        "the same node again; no flap; one offline and one online",
        "; ".join(", ".join(reasons) for reasons in seen),
    )


def test_f33_only_the_nodes_that_died_are_announced_after_an_outage_of_the_control_plane(
    tmp_path: Path, settings: Settings, proof: Proof
) -> None:
    count, down = proof.count(full=50, small=6), proof.count(full=300, small=8)
    dead_count = proof.count(full=3, small=1)
    earliest, latest = (90, 105) if FULL else (4, 8)
    with a_fleet(tmp_path, settings, "outage", count) as fleet:
        dead, alive = fleet.nodes[:dead_count], fleet.nodes[dead_count:]
        fleet.plane.terminate("web")
        for node in dead:
            node.stop()
        time.sleep(down)  # the outage itself
        fleet.plane.start_web("web", fleet.network.gateway)
        returned = time.time()
        fleet.wait(alive, "online", 60)
        back = time.time() - returned
        until(lambda: len(fleet.silent()) == len(dead), latest + 60)
        sql = "SELECT extract(epoch FROM status_since)::float8 FROM cluster_nodes WHERE status_reason = 'silent'"
        announced = [row[0] - returned for row in fleet.ask(sql)]
        seen = {tuple(fleet.plane.reasons(node.node_id)) for node in alive}

    assert seen == {("registered",)}
    assert min(announced) >= earliest - 1  # `returned` is when its first answer was seen
    assert max(announced) <= latest + 1
    proof.row(
        f"F33 control plane down for {down} s, {len(dead)} of {count} nodes die meanwhile",
        f"0 of {len(alive)} announced offline, {len(dead)} offline {earliest}-{latest} s after it listens again",
        f"0; {min(announced):.1f}-{max(announced):.1f} s; all others online after {back:.1f} s",
    )
