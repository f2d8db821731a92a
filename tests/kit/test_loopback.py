"""What runs in a network of its own hears nothing of ours, and can be reached on the ports that we open there."""

import socket
import subprocess
from collections.abc import Iterator

import pytest

from tests.kit.hosts import obstacle
from tests.kit.loopback import Loopback

pytestmark = pytest.mark.skipif(bool(obstacle()), reason=f"needs root and namespaces: {obstacle()}")


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    made = Loopback()
    yield made
    made.close()


def links(*before: str) -> list[str]:
    said = subprocess.run([*before, "ip", "-o", "link"], capture_output=True, text=True, check=True, timeout=20).stdout
    return [line.split(":")[1].strip().partition("@")[0] for line in said.splitlines()]


def test_it_has_only_what_is_plugged_into_it(loopback: Loopback) -> None:
    assert links(*loopback.command) == ["lo"]
    loopback.plug()
    assert set(links(*loopback.command)) == {"lo", "cable", "end"}
    assert "cable" not in links()
    loopback.unplug()
    assert links(*loopback.command) == ["lo"]


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3"])
def test_a_listener_in_it_is_reached_from_in_there_alone(loopback: Loopback, host: str) -> None:
    with socket.create_server(("", 0)) as ours, loopback.listen(host, ours.getsockname()[1]) as theirs:
        port = theirs.getsockname()[1]
        asks = ["python3", "-c", f"import socket; socket.create_connection(('{host}', {port}), 5)"]
        subprocess.run([*loopback.command, *asks], check=True, timeout=20)
        theirs.settimeout(5)
        theirs.accept()[0].close()
        ours.setblocking(False)
        with pytest.raises(BlockingIOError):
            ours.accept()
