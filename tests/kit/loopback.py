"""A network of its own within this machine that has 127.0.0.1 and what we listen on, until a test plugs something in.

A browser ends its requests when an interface of its machine comes or goes, as those of our hosts do all the time.
"""

import ctypes
import os
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

NEW_NETWORK = 0x40000000  # CLONE_NEWNET, sched.h
OWN_NETWORK = Path("/proc/thread-self/ns/net")
HERE = "127.0.0.1"
T = TypeVar("T")
_libc = ctypes.CDLL(None, use_errno=True)


class Loopback:
    """Lasts until `close`, and no longer than this process. Needs root."""

    def __init__(self) -> None:
        self._network = _in_a_thread(_make)

    @property
    def command(self) -> list[str]:
        """What starts a program in there, before the program's own command."""
        return ["nsenter", f"--net=/proc/{os.getpid()}/fd/{self._network}"]

    def listen(self, host: str, port: int) -> socket.socket:
        """A socket of ours that listens in there, where every address and every port is free."""
        if host != HERE:
            self._ip(f"addr replace {host}/32 dev lo")
        return _in_a_thread(lambda: self._listen(host, port))

    def plug(self) -> None:
        """A cable comes, with an address."""
        for step in ("link add cable type veth peer name end", "addr add 10.1.1.1/24 dev cable", "link set cable up"):
            self._ip(step)
        self._ip("link set end up")

    def unplug(self) -> None:
        """It goes."""
        self._ip("link del cable")

    def close(self) -> None:
        """No more programs can be started in there; it ends with the last of them."""
        os.close(self._network)

    def _listen(self, host: str, port: int) -> socket.socket:
        _demand(_libc.setns(self._network, NEW_NETWORK))
        return socket.create_server((host, port))

    def _ip(self, step: str) -> None:
        subprocess.run([*self.command, "ip", *step.split()], check=True, timeout=20)


def _make() -> int:
    _demand(_libc.unshare(NEW_NETWORK))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=20)
    return os.open(OWN_NETWORK, os.O_RDONLY)


def _demand(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _in_a_thread(act: Callable[[], T]) -> T:
    """A network is changed for one thread, which ends: ours stays where it is."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(act).result()
