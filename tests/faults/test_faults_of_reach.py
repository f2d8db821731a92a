"""Nodes that nobody can call: behind NAT, a command comes with the next beat; others are nudged."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from config import Settings
from tests.faults.web import command_plane
from tests.fleet import until
from tests.journeys.control_plane import ControlPlane, free_port
from tests.kit.proof import FULL, Proof

pytestmark = pytest.mark.timeout(300)
BEAT = 30.0 if FULL else 6.0  # seconds; a daemon beats after 90-100 % of it
SPARE = 1.0 if FULL else 3.0  # seconds: a machine that runs other tests too is late itself
LOOK = 0.1  # seconds between two looks: they shall not be the load
DEAF = "127.0.0.77"


@pytest.fixture
def plane(tmp_path: Path, settings: Settings) -> Iterator[ControlPlane]:
    """One with Celery, which nudges."""
    with command_plane(tmp_path, settings, HEARTBEAT_INTERVAL=f"{BEAT:.0f}", OFFLINE_AFTER=f"{3 * BEAT:.0f}") as made:
        yield made


@contextmanager
def dropped(port: int) -> Iterator[None]:
    """An address that takes no connection and refuses none, as behind a router that drops what comes in."""
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.socket())
        deaf.bind((DEAF, port))
        deaf.listen(0)
        for _ in range(3):  # one waits to be accepted, which never happens: for the others there is no room
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((DEAF, port))
        yield


def starts(log: Path) -> list[float]:
    """When the agent's processes began, by the clock."""
    return [float(line) for line in log.read_text().split()] if log.exists() else []


def start_node(plane: ControlPlane, name: str, port: int, **environment: str) -> Path:
    """A node with one agent; returns where each start of it is noted."""
    log, listed = plane.folder / f"{name}.starts", plane.folder / f"{name}.json"
    command = ["sh", "-c", f"date +%s.%N >> {log}; exec sleep 600"]
    listed.write_text(json.dumps({"agents": [{"id": name, "command": command}]}))
    plane.start_daemon(name, PORT=str(port), WORKER_AGENTS_FILE=str(listed), **environment)
    until(lambda: plane.get(f"/nodes/{name}")[1].get("agents") == [name], 30, LOOK)
    return log


def restart_right_after_a_beat(plane: ControlPlane, name: str, log: Path) -> tuple[float, float]:
    """Seconds until the new process began, and until the job was done: the longest that anybody has to wait."""
    heard = partial(_last_heartbeat, plane, name)
    before = heard()
    until(lambda: heard() != before, BEAT + 5, LOOK)
    asked = time.time()
    job_id = plane.post(f"/agents/{name}/restart")[1]["jobId"]
    began = until(lambda: [at for at in starts(log) if at > asked], BEAT + 5, LOOK)[0]
    until(lambda: plane.get(f"/jobs/{job_id}")[1]["state"] == "succeeded", BEAT + 5, LOOK)
    return began - asked, time.time() - asked


def _last_heartbeat(plane: ControlPlane, name: str) -> str:
    return str(plane.get(f"/nodes/{name}")[1]["lastHeartbeat"])


def test_a_command_reaches_a_node_behind_nat_within_one_beat_and_another_within_a_second(
    plane: ControlPlane, proof: Proof
) -> None:
    port = free_port()
    with dropped(port):
        behind = start_node(plane, "behind-nat", port, WORKER_HOST=DEAF)
        reachable = start_node(plane, "reachable", free_port())
        with ThreadPoolExecutor() as both:
            slow = both.submit(restart_right_after_a_beat, plane, "behind-nat", behind)
            quick_start, quick_end = restart_right_after_a_beat(plane, "reachable", reachable)
            slow_start, slow_end = slow.result()
    print(f"behind NAT {slow_start:.2f} and {slow_end:.2f} s, reachable {quick_start:.2f} and {quick_end:.2f} s")  # noqa: T201

    assert BEAT / 2 < slow_start <= BEAT + SPARE  # it was not nudged
    assert slow_end <= BEAT + 2 + SPARE
    assert quick_start <= (1.0 if FULL else BEAT / 2)  # beside other tests a second is soon over
    assert quick_end <= (4.0 if FULL else BEAT)
    proof.row(
        "Reach: a restart asked for right after a beat",
        f"behind NAT begun <= one beat ({BEAT:.0f} s) + 1 s, reachable begun <= 1 s",
        f"behind NAT begun after {slow_start:.1f} s, done after {slow_end:.1f} s;"
        f" reachable {quick_start:.2f} s and {quick_end:.2f} s",
    )
