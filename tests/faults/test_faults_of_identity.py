"""Two machines that say that they are the same node, and messages that come again or too late."""

import json
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.fleet import until
from tests.journeys.conftest import a_database, make_plane
from tests.journeys.control_plane import QUICK, ControlPlane
from tests.kit.fleets import LOOK
from tests.kit.hosts import Network, obstacle
from tests.kit.nodes import Node
from tests.kit.proof import FULL, Proof

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(obstacle()), reason=f"nodes need root and namespaces: {obstacle()}"),
]
TWIN = "twin"
NAMED_WITHIN = 35.0


def test_f22_a_copied_machine_is_refused_and_named_a_replay_changes_nothing_and_a_removed_node_ends(
    tmp_path: Path, settings: Settings, proof: Proof
) -> None:
    times = {} if FULL else QUICK
    with a_database(settings, "twins") as url, Network(tmp_path / "network") as network:
        plane = make_plane(tmp_path, settings, url, {**times, "CLUSTER_AUTH": "on"})
        try:
            plane.start(host=network.gateway)
            plane.sign_in()
            make = partial(Node, network, url=plane.url(), WORKER_NODE_ID=TWIN)
            first = make(1, WORKER_JOIN_TOKEN=plane.join_token())
            until(lambda: _is_online(plane), 60, LOOK)
            named = _clone(plane, first, make)
            ignored = _replay(plane, first)
            ended = _remove(plane, first)
        finally:
            network.processes.end_all()
            plane.stop()
    proof.row(
        "F22 a machine with a copied state folder, a replayed heartbeat, a removed node that beats",
        f"the copy refused and named <= {NAMED_WITHIN:.0f} s, the first goes on; no change; it ends and stays away",
        f"named after {named:.1f} s; {ignored}; ended {ended:.1f} s after the removal, 0 ghosts",
    )


def _clone(plane: ControlPlane, first: Node, make: Any) -> float:
    """Seconds until the second machine was named as an issue; the first goes on."""
    (first.network.folder / "node-02").mkdir()
    shutil.copytree(first.state, first.network.folder / "node-02" / "state")
    began = time.monotonic()
    copy = make(2)
    until(lambda: "duplicate_node_id" in _issues(plane), NAMED_WITHIN, LOOK)
    named = time.monotonic() - began
    until(lambda: plane.get(f"/nodes/{TWIN}")[1]["host"] == first.address, 60, LOOK)
    assert first.daemon.is_running()
    copy.stop()
    return named


def _replay(plane: ControlPlane, first: Node) -> str:
    """What comes of an old message that is sent again with the node's own credential."""
    saved = {
        name: json.loads((first.state / "daemon" / f"{name}.json").read_text())
        for name in ("credential", "boot", "machine")
    }
    says = {"machineId": saved["machine"]["machineId"], "bootId": saved["boot"]["bootIds"][-1], "beatNumber": 1}
    plane_headers, plane.headers = plane.headers, {"Authorization": f"Bearer {saved['credential']['current']}"}
    status, answer = plane.post(f"/heartbeat/{TWIN}", {**says, "cpuUsage": 0.99, "agents": ["ghost"]})
    plane.headers = plane_headers
    assert (status, answer["ignored"]) == (200, True)
    assert "ghost" not in plane.get(f"/nodes/{TWIN}")[1]["agents"]
    return "ignored"


def _remove(plane: ControlPlane, first: Node) -> float:
    """Seconds from the removal until the daemon has ended by itself; nobody is there afterwards."""
    daemon = first.daemon
    assert plane.send("DELETE", f"/nodes/{TWIN}")[0] == 200
    began = time.monotonic()
    until(lambda: not daemon.is_running() or daemon.status() == "zombie", 60, LOOK)
    ended = time.monotonic() - began
    first.start_daemon()  # as whoever watches over it would
    until(lambda: first.log.count("this node was removed") + first.log.count("may not join") > 1, 60, LOOK)
    assert plane.get(f"/nodes/{TWIN}")[0] == 404
    return ended


def _is_online(plane: ControlPlane) -> bool:
    status, node = plane.get(f"/nodes/{TWIN}")
    return status == 200 and node["status"] == "online"


def _issues(plane: ControlPlane) -> set[str]:
    return {issue["code"] for issue in plane.get(f"/nodes/{TWIN}")[1].get("issues", ())}
