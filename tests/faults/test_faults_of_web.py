"""Web processes that are killed, and clients that are slow."""

import select
import socket
import time
from collections.abc import Iterator

import pytest

from config import Settings
from tests.faults.web import HELLO, POST, QUIET, a_web, children, hangers_on, health_seconds
from tests.fleet import until
from tests.journeys.control_plane import ControlPlane
from tests.kit.proof import FULL, Proof

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[ControlPlane]:
    """Two web processes; slow clients have their full times in the full run only."""
    environment = {"WEB_CONCURRENCY": "2", **({} if FULL else QUIET)}
    with a_web(tmp_path_factory.mktemp("web"), settings, "web", **environment) as made:
        yield made


def test_processes_that_are_all_killed_at_once_are_replaced_within_a_second(web: ControlPlane) -> None:
    killed = children(web)
    for child in killed:
        child.kill()

    took = health_seconds(web.ports["web"])  # the connection waits until somebody takes it

    assert took < 1.0
    until(lambda: len(set(children(web)) - set(killed)) == 2)


def test_f26_slow_headers_and_slow_bodies_are_cut_and_hinder_nobody(web: ControlPlane, proof: Proof) -> None:
    count, port = proof.count(full=400, small=100), web.ports["web"]
    began, waits = time.monotonic(), []
    with hangers_on(port, count, HELLO) as headers, hangers_on(port, count, POST + "{") as bodies:
        waiting = {connection.fileno(): connection for connection in (*headers, *bodies)}
        while waiting:
            waits.append(health_seconds(port))
            assert time.monotonic() - began < 30, f"{len(waiting)} are still open"
            for connection in select.select(list(waiting.values()), [], [], 0.1)[0]:
                if _has_ended(connection):
                    del waiting[connection.fileno()]
    closed = time.monotonic() - began

    assert max(waits) <= 2.5
    assert closed <= 15
    proof.row(
        f"F26 slow headers and slow bodies, {count} connections each",
        "probe answered <= 2.5 s, all of them closed <= 15 s",
        f"slowest of {len(waits)} probes {max(waits):.2f} s, the last closed after {closed:.1f} s",
    )


def _has_ended(connection: socket.socket) -> bool:
    try:
        return not connection.recv(65536)
    except ConnectionResetError:
        return True
