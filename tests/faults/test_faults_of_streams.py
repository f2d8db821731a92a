"""Many viewers at once, some that never read, some that vanish."""

import time
from collections.abc import Iterator

import pytest

from config import Settings
from tests.faults.web import a_web, children, hangers_on, served
from tests.fleet import until
from tests.journeys.control_plane import ControlPlane
from tests.kit.load import Clients
from tests.kit.proof import FULL, ROOM, Proof
from tests.kit.streams import FOLLOW, Crowd

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[ControlPlane]:
    """One web process; streams have the promised times in the full run only."""
    environment = {} if FULL else {"STREAM_KEEP_ALIVE": "1"}
    with a_web(tmp_path_factory.mktemp("streams"), settings, "streams", **environment) as made:
        yield made


@pytest.fixture
def clients(web: ControlPlane) -> Iterator[Clients]:
    """Who sends heartbeats."""
    with Clients(web.ports["web"]) as made:
        yield made


def test_f23_viewers_that_never_read_are_cut_and_the_others_hear_at_once(
    web: ControlPlane, clients: Clients, proof: Proof
) -> None:
    port, [serving] = web.ports["web"], children(web)
    live, stalled = proof.count(full=200, small=30), proof.count(full=50, small=10)
    noisy = {"nodeId": "noisy", "host": "127.0.0.1", "port": 3101, "metadata": {"much": "x" * 2000}}
    assert clients.post("/register", noisy) == 200
    with Crowd(port, live + stalled + 50) as crowd:  # from now on its pools are as big as they get
        until(lambda: len(crowd.first_bytes) == live + stalled + 50, 30)
        heard(crowd, clients, 1)
    until(lambda: served(serving, port) <= 1, 10)  # the one that sends heartbeats
    before, delays, number = serving.num_fds(), list[float](), 1
    with Crowd(port, live) as crowd:
        until(lambda: len(crowd.first_bytes) == live, 30)
        with hangers_on(port, stalled, FOLLOW, buffer=4096):
            until(lambda: served(serving, port) >= live + stalled, 10)
            began = time.monotonic()
            while served(serving, port) > live + 1:
                number += 1
                delays += heard(crowd, clients, number)
                assert time.monotonic() - began < 60, "those that never read are not cut"
            cut = time.monotonic() - began
        assert len(crowd) == live
        crowd.reset(live // 2)
        until(lambda: served(serving, port) <= live - live // 2 + 1, 10)
    until(lambda: served(serving, port) <= 1, 10)
    until(lambda: serving.num_fds() <= before, 10)
    after = serving.num_fds()

    p95 = sorted(delays)[int(len(delays) * 0.95)]
    assert p95 <= 1.0 * ROOM
    assert max(crowd.first_bytes) <= 1.0 * ROOM
    proof.row(
        f"F23 {live} viewers, {stalled} more that never read, {live // 2} that end with a reset",
        "others hear <= 1 s (p95), first byte <= 1 s, those that never read cut <= 60 s, descriptors back to start",
        f"p95 {p95 * 1000:.0f} ms of {len(delays)}, first byte {max(crowd.first_bytes) * 1000:.0f} ms at most, "
        f"cut after {cut:.0f} s, {before} descriptors before, {after} after",
    )


def heard(crowd: Crowd, clients: Clients, number: int) -> list[float]:
    """Seconds from sending a heartbeat until each viewer has it."""
    usage = f"0.{200_001 + 10 * number}"
    sign = f'"cpuUsage":{usage}'.encode()
    crowd.expect(sign)
    sent = time.monotonic()
    clients.post("/heartbeat/noisy", {"cpuUsage": float(usage)})
    until(lambda: len(crowd.heard[sign]) >= len(crowd), 10)
    return [at - sent for at in crowd.heard.pop(sign)]
