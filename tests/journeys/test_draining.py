"""Three real daemons: a node is drained, the fleet is braked, a machine is lost with its agents."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fleet import until
from tests.journeys.control_plane import ControlPlane

NODES = ("n1", "n2", "n3")
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)", "{id}"]
pytestmark = pytest.mark.long


@pytest.fixture
def trio(plane: ControlPlane) -> ControlPlane:
    for node_id in NODES:
        plane.start_daemon(node_id)
    until(lambda: all(plane.status_of(node_id)[0] == "online" for node_id in NODES), 60)
    return plane


def register(plane: ControlPlane, agent_id: str, node_id: str, **said: Any) -> None:
    body = {"agentId": agent_id, "nodeId": node_id, "command": SLEEPER, **said}
    # A node can be given agents from its first heartbeat on, a moment after its registration.
    until(lambda: plane.post("/agents", body)[0] == 201, 30)


def copies(agent_id: str) -> list[int]:
    """The processes of an agent, from the processes themselves."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[-2:] == [agent_id.encode(), b""] and b"import time; time.sleep(600)" in words:
            found.append(int(folder.name))
    return found


def running(plane: ControlPlane, node_id: str) -> set[str]:
    _, node = plane.get(f"/nodes/{node_id}")
    return {one["agentId"] for one in node["agentDetails"] if one.get("state") == "running"}


def test_a_drain_moves_every_agent_and_the_brake_stops_them_all(trio: ControlPlane) -> None:
    names = ["drained-a", "drained-b", "drained-c"]
    for name in names:
        register(trio, name, "n1", mayOverlap=name == "drained-c")
    until(lambda: running(trio, "n1") == set(names), 60)

    status, asked = trio.post("/nodes/n1/drain", {"deadlineSeconds": 120})
    assert status == 202
    job = until(lambda: (found := trio.get(f"/jobs/{asked['jobId']}")[1])["finishedAt"] and found, 120)

    assert (job["state"], job["message"]) == ("succeeded", "3 of 3 agents moved away from n1")
    assert running(trio, "n1") == set()
    assert [len(copies(name)) for name in names] == [1, 1, 1]

    assert trio.send("PUT", "/brake", {"scope": "all"})[0] == 200
    until(lambda: trio.get("/brake")[1]["confirmed"] == list(NODES), 60)
    assert [copies(name) for name in names] == [[], [], []]
    assert trio.delete("/brake")[0] == 200
    until(lambda: [len(copies(name)) for name in names] == [1, 1, 1], 60)


def test_an_agent_of_a_machine_that_died_is_started_elsewhere_once(trio: ControlPlane) -> None:
    register(trio, "lost-a", "n1", onNodeLoss="move", leaseSeconds=30)
    until(lambda: running(trio, "n1") == {"lost-a"}, 60)

    trio.kill("n1")
    for pid in copies("lost-a"):
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(copies("lost-a")) == 1, 150)

    moved = trio.get("/agents/lost-a")[1]
    assert moved["agent"]["nodeId"] in ("n2", "n3")
    assert moved["agent"]["epoch"] == 2
    assert [event["kind"] for event in reversed(moved["history"])][-2:] == ["node_lost", "moved"]
    trio.start_daemon("n1")
    until(lambda: trio.status_of("n1")[0] == "online", 60)
    assert len(copies("lost-a")) == 1
