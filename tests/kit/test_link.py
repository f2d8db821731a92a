"""What is behind a link is far away, and TCP gets there all the same."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.kit.hosts import Host, Network, obstacle
from tests.kit.link import Link, Way

pytestmark = pytest.mark.skipif(bool(obstacle()), reason=f"hosts need root and namespaces: {obstacle()}")


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Link]]:
    """A machine and its link."""
    with Network(tmp_path_factory.mktemp("network") / "hosts") as network:
        [host] = network.add()
        with Link(host, Way()) as link:
            connect_seconds(host)  # somebody has to ask for its address first
            yield host, link


def connect_seconds(host: Host) -> float:
    """How long a connection takes to be there: a packet to the machine and one back."""
    began = time.monotonic()
    with socket.create_connection((host.address, host.port), 5):
        return time.monotonic() - began


def test_the_delays_of_both_directions_add_up(linked: tuple[Host, Link]) -> None:
    host, link = linked
    link.there = link.back = Way(delay=0.5)
    assert connect_seconds(host) >= 1.0
    link.there = Way()
    assert 0.5 <= connect_seconds(host) < 1.0
    link.back = Way()
    assert connect_seconds(host) < 0.5


def test_one_direction_can_be_lost(linked: tuple[Host, Link]) -> None:
    host, link = linked
    link.back = Way(lost=1.0)
    with pytest.raises(TimeoutError), socket.create_connection((host.address, host.port), 0.5):
        pass
    link.back = Way()
    assert connect_seconds(host) < 5


def test_what_is_lost_doubled_or_overtaken_arrives_once_and_in_order(linked: tuple[Host, Link]) -> None:
    host, link = linked
    link.there = link.back = Way(0.005, 0.004, lost=0.2, doubled=0.2, overtake=0.2)
    assert received(host, 500) == b"".join(b"%7d\n" % number for number in range(500))
    link.there = link.back = Way()
    assert link.dropped > 0


def test_a_narrow_way_takes_as_long_as_its_bits(linked: tuple[Host, Link]) -> None:
    host, link = linked
    link.back = Way(bits_per_second=80_000)
    began = time.monotonic()
    received(host, 1250)  # 10 kB
    link.back = Way()
    assert time.monotonic() - began >= 1.0


def received(host: Host, lines: int) -> bytes:
    """What arrives here of so many lines of eight bytes that the machine sends over one connection."""
    found: list[bytes] = []
    with socket.create_server((host.network.gateway, 0)) as server:
        server.settimeout(50)

        def take() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as stream:
                found.append(stream.read())

        taker = threading.Thread(target=take, daemon=True)
        taker.start()
        numbered = f"seq -f %7.0f 0 {lines - 1}"
        host.run("bash", "-c", f"{numbered} >/dev/tcp/{host.network.gateway}/{server.getsockname()[1]}")
        taker.join(50)
    return found[0]
