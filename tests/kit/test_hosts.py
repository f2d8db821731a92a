"""The hosts that other tests stand on are machines of their own, and nothing of them stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.fleet import until
from tests.kit.hosts import Network, obstacle

needs_hosts = pytest.mark.skipif(bool(obstacle()), reason=f"hosts need root and namespaces: {obstacle()}")
SLEEPS = "import sys, time; from pathlib import Path; from tests.kit.hosts import Network\n"
SLEEPS += "with Network(Path(sys.argv[1])) as network:\n    [host] = network.add()\n"
SLEEPS += "    print(network.bridge, host.first.pid, flush=True)\n    time.sleep(60)"


def bridges() -> str:
    return subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout


@needs_hosts
def test_a_host_has_files_processes_and_a_network_of_its_own_and_is_gone_afterwards(tmp_path: Path) -> None:
    with Network(tmp_path / "network") as network:
        [host] = network.add()
        first = host.first.pid
        seen = host.run(
            "sh", "-c", "hostname; ls -A /home; command -v node npm pm2 sudo || echo none; ls /proc | head -1"
        )
        assert seen.split() == ["host-1", "deploy", "none", "1"]
        assert host.run("cat", "/proc/net/dev").count(":") == 2
        host.file("srv/kept").write_text("kept")
        host.stop()
        assert not host.listens()
        host.start()
        until(host.listens)
        assert host.run("cat", "/srv/kept") == "kept"
    assert not psutil.pid_exists(first)
    assert network.bridge not in bridges()
    assert not (tmp_path / "network").exists()


@needs_hosts
def test_hosts_end_with_who_made_them_even_if_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SLEEPS, str(tmp_path / "network")]
    maker = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert maker.stdout is not None
    with maker.stdout:
        bridge, first = maker.stdout.readline().split()
    maker.send_signal(signal.SIGKILL)
    maker.wait(10)
    until(lambda: not psutil.pid_exists(int(first)), 10)
    with Network(tmp_path / "next"):
        assert bridge not in bridges()
