"""Machines within this one: each has a root file system, a network address, processes and a real sshd of its own.

They are made of namespaces, so that everything of theirs is gone with their last process: mounts, network, processes.
What may stay behind when we are killed is an empty bridge; the next network takes it away.
"""

import itertools
import os
import random
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.fleet import until
from tests.kit.processes import Processes
from tests.kit.roots import USER, make_mask, make_root

ENTER = Path(__file__).with_name("enter.sh")
NAMESPACES = ("--mount", "--pid", "--uts", "--net", "--ipc")
PROGRAMS = ("ip", "unshare", "nsenter", "setpriv", "pivot_root", "sshd", "ssh-keygen")
SEARCHED = "/usr/sbin:/sbin:/usr/bin:/bin"
START_SECONDS = 20.0
BRIDGE = re.compile(r"mk([0-9a-f]+)-[0-9]+")
BRIDGE_ADDRESS = "02:00:00:00:00:01"
_numbers = itertools.count()


@cache
def obstacle() -> str:
    """Why there can be no hosts here, or ""."""
    if os.geteuid() != 0:
        return "not root"
    missing = [name for name in PROGRAMS if shutil.which(name, path=SEARCHED) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    tried = (
        "mount -t tmpfs none /mnt && ip link add muster type bridge && mount -t overlay -o ro,lowerdir=/usr:/etc x /mnt"
    )
    command = ["unshare", *NAMESPACES, "--fork", "sh", "-c", tried]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return "" if done.returncode == 0 else f"no namespaces: {done.stderr.strip()[-100:]}"


class Plugged:
    """What has a cable and an address in a network, and lives as long as its `process`."""

    process: "subprocess.Popen[bytes]"

    def __init__(self, network: "Network", number: int) -> None:
        self.network = network
        self.address = f"{network.prefix}.{number + 1}"
        self.wire = f"{network.bridge}v{number}"  # the end of its cable that is ours

    def unplug(self) -> None:
        """Take it off the network: packets are lost without a word."""
        _run("ip", "link", "set", self.wire, "down")

    def plug(self) -> None:
        """Back on the network."""
        _run("ip", "link", "set", self.wire, "up")

    def isolate(self) -> None:
        """Lose all packets, while its cable still looks plugged in."""
        _run("ip", "link", "set", self.wire, "nomaster")

    def rejoin(self) -> None:
        """End of the isolation."""
        _run("ip", "link", "set", self.wire, "master", self.network.bridge)

    def deafen(self) -> None:
        """Lose what we send to it; what it sends arrives."""
        _run("ip", "route", "add", "blackhole", f"{self.address}/32")

    def undeafen(self) -> None:
        """Let it hear us again."""
        _run("ip", "route", "del", "blackhole", f"{self.address}/32")

    def stop(self) -> None:
        """End it and all that runs there, as a loss of power would; its files stay."""
        self.network.processes.end(self.process)
        _cut(self.wire)  # its network ends some time after its last process


class Host(Plugged):
    """One machine. Log in as root or as `USER`, who may not become root, with the private key of its network."""

    port = 22

    def __init__(self, network: "Network", number: int, folder: Path) -> None:
        super().__init__(network, number)
        self.folder = folder
        self.name = f"host-{number}"
        self.private_key = network.private_key
        folder.mkdir()
        _make_key(folder / "host")
        make_root(folder / "root", self.name, self.address, folder / "host", network.login.with_suffix(".pub"))
        self.process = self._start()

    @property
    def fingerprint(self) -> str:
        """Of the host key, as ssh-keygen says it."""
        return _output("ssh-keygen", "-lf", str(self.folder / "host.pub")).split()[1]

    @property
    def log(self) -> str:
        """What its sshd said so far."""
        return (self.folder / "log").read_text()

    @property
    def known_host(self) -> str:
        """Its line in a file of known hosts."""
        return f"{self.address} {' '.join((self.folder / 'host.pub').read_text().split()[:2])}\n"

    def file(self, path: str) -> Path:
        """A file of the machine, as we reach it: `file("home/deploy")`."""
        return self.folder / "root" / path.lstrip("/")

    def home(self, user: str = USER) -> Path:
        """The home folder of a user, as we reach it."""
        return self.file("root" if user == "root" else f"home/{user}")

    @property
    def programs(self) -> Path:
        """A folder for programs that sessions find before those of the machine."""
        return self.file("opt/bin")

    def run(self, *command: str) -> str:
        """What a command says that root runs there. Raises CalledProcessError."""
        inside = [f"--{name.strip('-')}" for name in NAMESPACES]
        return _output("nsenter", "--target", str(self.first.pid), *inside, "--root", "--wdns=/", *command)

    @property
    def first(self) -> psutil.Process:
        """Its first process, which is its sshd."""
        return psutil.Process(self.process.pid).children()[0]

    def processes(self) -> list[psutil.Process]:
        """All that runs there beside sshd and the sessions of SSH, by our own numbers."""
        found = []
        for process in self.first.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if process.name() != "sshd" and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def cut_sessions(self) -> int:
        """End every session as if the network had gone; how many there were."""
        sessions = [process for process in self.first.children() if process.name() == "sshd"]
        for session in sessions:
            for part in (*session.children(), session):
                if part.name() == "sshd":
                    part.kill()
        return len(sessions)

    def start(self) -> None:
        """Start it again with its files as they are."""
        self.process = self._start()
        self.network.connect(self)

    def listens(self) -> bool:
        """Whether its sshd takes connections."""
        with suppress(OSError), socket.create_connection((self.address, self.port), 1):
            return True
        return False

    def _start(self) -> "subprocess.Popen[bytes]":
        (self.folder / "root" / "old").mkdir(exist_ok=True)
        inside = ["sh", str(ENTER), str(self.folder / "root"), self.name]
        inside += [f"{self.address}/24", self.network.gateway, str(self.network.mask)]
        command = ["unshare", *NAMESPACES, "--fork", "--kill-child", "--propagation", "private", *inside]
        return self.network.processes.start(command, self.folder / "log")


class Network:
    """A network of hosts that reaches this machine, at `gateway`, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, Processes()
        self.bridge = f"mk{os.getpid():x}-{next(_numbers)}"
        self.hosts: list[Host] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.login = folder / "login"
        _make_key(self.login)
        self.private_key = self.login.read_text()
        self.mask = make_mask(folder / "mask")
        self.prefix = _free_prefix()
        self.gateway = f"{self.prefix}.1"

    def __enter__(self) -> Self:
        _forget_lost_bridges()
        # With an address of its own: else it would have that of a cable, and another one when that cable goes.
        lines = [
            f"link add {self.bridge} address {BRIDGE_ADDRESS} type bridge",
            f"addr add {self.gateway}/24 dev {self.bridge}",
        ]
        _batch(*lines, f"link set {self.bridge} up")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.processes.end_all()
        for wire in _wires(self.bridge):  # the kernel takes them with their networks, when it comes to it
            _cut(wire)
        _run("ip", "link", "del", self.bridge)
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, count: int = 1) -> list[Host]:
        """That many more hosts, ready for logins."""
        first = len(self.hosts) + 1
        for number in range(first, first + count):
            self.hosts.append(Host(self, number, self.folder / f"host-{number}"))
            self.connect(self.hosts[-1])
        added = self.hosts[-count:]
        for host in added:
            until(host.listens, START_SECONDS)
        return added

    def connect(self, host: Plugged) -> None:
        """Give a machine that was just started its cable."""
        ours, theirs = Path("/proc/self/ns/net"), Path(f"/proc/{host.process.pid}/ns/net")
        until(lambda: theirs.readlink() != ours.readlink(), START_SECONDS)
        cable = f"link add {host.wire} type veth peer name eth0 netns {host.process.pid}"
        _batch(cable, f"link set {host.wire} master {self.bridge} up")


def _free_prefix() -> str:
    """The first three numbers of 254 addresses that no network here uses."""
    taken = _output("ip", "-4", "-o", "addr")
    while True:
        prefix = f"10.{random.randrange(128, 256)}.{random.randrange(256)}"
        if f" {prefix}." not in taken:
            return prefix


def _forget_lost_bridges() -> None:
    """Of networks whose process was killed."""
    for name, number in _bridges():
        if not psutil.pid_exists(number):
            _run("ip", "link", "del", name)


def _bridges() -> Iterator[tuple[str, int]]:
    for line in _output("ip", "-o", "link", "show", "type", "bridge").splitlines():
        name = line.split(":")[1].strip()
        if found := BRIDGE.fullmatch(name):
            yield name, int(found[1], 16)


def _wires(bridge: str) -> list[str]:
    """Our ends of the cables of a network that are still there."""
    lines = _output("ip", "-o", "link", "show", "type", "veth").splitlines()
    names = [line.split(":")[1].strip().partition("@")[0] for line in lines]
    return [name for name in names if name.startswith(f"{bridge}v")]


def _cut(wire: str) -> None:
    """Take a cable away, both ends, unless the kernel was first."""
    subprocess.run(["ip", "link", "del", wire], stderr=subprocess.DEVNULL, timeout=20, check=False)


def _make_key(path: Path) -> None:
    path.unlink(missing_ok=True)
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path))


def _batch(*lines: str) -> None:
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True, timeout=20)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=20)


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
