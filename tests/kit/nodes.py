"""Nodes with a real daemon: each has a network and processes of its own and shares the files, so that dozens fit."""

import os
import sys
from pathlib import Path

import psutil

from tests.fleet import until
from tests.kit.hosts import START_SECONDS, Network, Plugged

ENTER = Path(__file__).with_name("enter_node.sh")
ROOT = Path(__file__).parents[2]
INSIDE = ("--mount", "--pid", "--net")


class Node(Plugged):
    """One machine with a daemon. What it runs ends with it.

    With `state_kb` the state folder is a small disk of its own, empty after each boot.
    """

    def __init__(self, network: Network, number: int, url: str, state_kb: int = 0, **environment: str) -> None:
        super().__init__(network, number)
        self.node_id = environment.get("WORKER_NODE_ID", f"node-{number:02}")
        self.folder = network.folder / f"node-{number:02}"
        self.folder.mkdir(exist_ok=True)  # a test may have put a state there
        self.state = self.folder / "state"
        self._state_kb = state_kb
        self._environment = {
            **os.environ,
            "HOME": str(self.folder),
            "ENTERPRISE_URL": url,
            "WORKER_NODE_ID": self.node_id,
            "WORKER_HOST": self.address,
            "WORKER_STATE_DIR": str(self.state),
            "PORT": "3101",
            **environment,
        }
        self.boot()

    @property
    def log(self) -> str:
        """What it and its daemon said so far."""
        return (self.folder / "log").read_text()

    @property
    def daemon(self) -> psutil.Process:
        """Its daemon, by our own number."""
        return psutil.Process(self._entered.pid).children()[0]

    @property
    def first(self) -> psutil.Process:
        """Its first process."""
        return psutil.Process(self.process.pid).children()[0]

    def file(self, path: Path) -> Path:
        """A file as it sees it, also on a disk of its own."""
        return Path(f"/proc/{self.first.pid}/root{path}")

    def boot(self) -> None:
        """Switch it on, with the files that it had before."""
        command = ["unshare", *INSIDE, "--fork", "--kill-child", "--mount-proc", "sh", str(ENTER)]
        command += [f"{self.address}/24", self.network.gateway, str(self.state), str(self._state_kb)]
        self.process = self.network.processes.start(command, self.folder / "log")
        self.network.connect(self)
        until(lambda: "is up" in self.log.rpartition("boots")[2], START_SECONDS)
        self.start_daemon()

    def start_daemon(self) -> None:
        """Start the daemon; a former one has ended."""
        inside = ["nsenter", "--target", str(self.first.pid), *INSIDE, f"--wdns={ROOT}"]
        command = [*inside, sys.executable, "-m", "node_daemon"]
        self._entered = self.network.processes.start(command, self.folder / "log", env=self._environment)
