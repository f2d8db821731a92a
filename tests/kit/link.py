"""A long way to a machine: packets come late, overtake each other, come twice or not at all, by a seeded chance."""

import fcntl
import os
import random
import select
import struct
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from types import TracebackType
from typing import Self

from tests.kit.hosts import Plugged
from tests.kit.proof import SEED

TUN, ETHERNET, SET_NAME = "/dev/net/tun", 0x0002 | 0x1000, 0x400454CA  # IFF_TAP | IFF_NO_PI, TUNSETIFF
LARGEST = 2048  # bytes of a packet
LONGEST_WAIT = 0.2  # seconds until the end of the link is noticed


@dataclass(frozen=True)
class Way:
    """One direction. Times are seconds, shares are from 0 to 1; packets that `overtake` have no delay."""

    delay: float = 0.0
    jitter: float = 0.0  # the delay is that much more or less
    lost: float = 0.0
    doubled: float = 0.0
    overtake: float = 0.0
    bits_per_second: float = float("inf")


class Link:
    """Takes the place of a machine's cable until the machine stops. Both directions may be changed at any time."""

    def __init__(self, machine: Plugged, there: Way, back: Way | None = None, seed: int = SEED) -> None:
        self.there, self.back = there, back or there
        self.packets = self.dropped = 0
        self._machine, self._chance = machine, random.Random(seed)
        self._waiting: list[tuple[float, int, int, bytes]] = []  # due, number, to which end, packet
        self._numbers = count()
        self._free: dict[int, float] = {}  # when each end can be sent to again
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self) -> Self:
        wire, network = self._machine.wire, self._machine.network
        pid = self._machine.process.pid
        _batch(f"link del {wire}")
        self._ours, self._theirs = _end(wire), _end(f"{wire}f")
        _batch(f"link set {wire}f netns {pid} name eth0", f"link set {wire} master {network.bridge} up")
        address = f"addr add {self._machine.address}/24 dev eth0"
        _batch(address, "link set eth0 up", f"route add default via {network.gateway}", inside=pid)
        _batch(f"neigh flush to {self._machine.address} dev {network.bridge}")
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(10)
        os.close(self._ours)
        os.close(self._theirs)

    def _carry(self) -> None:
        with suppress(OSError):  # the machine has stopped, and its end is gone
            while not self._stop.is_set():
                due = self._waiting[0][0] - time.monotonic() if self._waiting else LONGEST_WAIT
                for end in select.select([self._ours, self._theirs], [], [], min(max(due, 0), LONGEST_WAIT))[0]:
                    self._take(end, os.read(end, LARGEST))
                self._deliver()

    def _take(self, end: int, packet: bytes) -> None:
        way, to = (self.there, self._theirs) if end == self._ours else (self.back, self._ours)
        self.packets += 1
        if self._chance.random() < way.lost:
            self.dropped += 1
            return
        sent = max(time.monotonic(), self._free.get(to, 0)) + 8 * len(packet) / way.bits_per_second
        self._free[to] = sent
        for _ in range(1 + (self._chance.random() < way.doubled)):
            delay = way.delay + way.jitter * self._chance.uniform(-1, 1)
            if self._chance.random() < way.overtake:
                delay = 0.0
            heappush(self._waiting, (sent + delay, next(self._numbers), to, packet))

    def _deliver(self) -> None:
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            *_, to, packet = heappop(self._waiting)
            with suppress(OSError):  # that end is down for now
                os.write(to, packet)


def _end(name: str) -> int:
    """The descriptor behind a new network device: what the device sends is read, what is written it receives."""
    end = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, SET_NAME, struct.pack("16sH22x", name.encode(), ETHERNET))
    return end


def _batch(*lines: str, inside: int = 0) -> None:
    enter = ["nsenter", f"--net=/proc/{inside}/ns/net"] if inside else []
    subprocess.run([*enter, "ip", "-batch", "-"], input="\n".join(lines), text=True, check=True, timeout=20)
