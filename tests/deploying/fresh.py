"""Machines as they are delivered, with Python and without Node.js: real ones in namespaces where we may make them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.deploying.machines import a_machine, processes_of, without
from tests.deploying.orders import order
from tests.gateways.ssh.machines import ME, Sshd
from tests.journeys.control_plane import ControlPlane
from tests.kit.hosts import Host, Network, obstacle
from tests.kit.roots import HIDDEN

DOOR = "lab"  # the web process that hosts reach


@dataclass(frozen=True)
class Fresh:
    """A machine and a user on it; `door` names the web process that it reaches."""

    machine: Host | Sshd
    user: str
    home: Path
    door: str

    def order(self, node_id: str, **said: Any) -> dict[str, Any]:
        """What a deploy to it is asked for with."""
        if isinstance(self.machine, Host):
            said = {"host": self.machine.address, "user": self.user, "nodePort": 3101, **said}
        return order(self.machine, node_id, **said)

    def processes(self) -> list[psutil.Process]:
        """All that runs there beside the sessions of SSH."""
        if isinstance(self.machine, Host):
            return self.machine.processes()
        found = []
        for pid in processes_of(self.home):
            with suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(pid))
        return found

    def owners(self) -> set[int]:
        """The numbers of the users whose processes run there."""
        found = set()
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                found.add(process.uids().real)
        return found


@contextmanager
def a_fresh(network: Network | None, plane: ControlPlane, user: str, folder: Path) -> Iterator[Fresh]:
    """A machine that nobody has touched yet."""
    if network is None:
        if (user == "root") != (os.geteuid() == 0):
            pytest.skip(f"another user than our own needs a host of its own: {obstacle()}")
        with _stand_in(folder) as found:
            yield found
        return
    if DOOR not in plane.processes:
        plane.start_web(DOOR, network.gateway)
    [host] = network.add()
    yield Fresh(host, user, host.home(user), DOOR)
    host.stop()


@contextmanager
def _stand_in(folder: Path) -> Iterator[Fresh]:
    home, programs = folder / "home", folder / "programs"
    for made in (home, programs):
        made.mkdir(parents=True)
    plain = without(folder / "plain", (Path(name).name for name in HIDDEN))
    with a_machine(folder, home, programs, path=str(plain)) as server:
        yield Fresh(server, ME, home, "web")
