"""Who watches the stream: viewers that read every byte, count frames, and note when what arrived."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable

from bench.heartbeats.errors import NotMeasurable
from bench.heartbeats.loop import Loop, connect
from bench.heartbeats.messages import follow

LIVE = {"whole": b'"event":"heartbeat"', "patch": b"event: patch"}
MOST_NOTED = 5  # viewers of a crowd whose events are timed
ATTACH_SECONDS = 120.0
_POSITION = re.compile(rb"\nid: (\d+-\d+)")
# All viewers read into the same bytes: they are looked at once and forgotten.
_scratch = bytearray(1 << 18)


class Viewer:
    """One open stream."""

    def __init__(self, loop: Loop, port: int, view: str, position: str = "") -> None:
        self._loop, self._live_sign = loop, LIVE[view]
        self.frames = 0
        self.live = False  # a change has arrived after the beginning
        self.ended = False
        self.position = ""
        self.noted: list[tuple[float, bytes]] | None = None
        self._socket: socket.socket = connect(port)
        self._socket.send(follow(view, position))
        loop.watch(self._socket, self._read)

    def close(self) -> None:
        """Leave."""
        if not self.ended:
            self._loop.forget(self._socket)
            self._socket.close()
            self.ended = True

    def _read(self) -> None:
        try:
            size = self._socket.recv_into(_scratch)
        except OSError:
            size = 0
        if size == 0:
            self.close()
            return
        self.frames += _scratch.count(b"\n\n", 0, size)
        if self.noted is not None:
            self.noted.append((time.monotonic(), bytes(_scratch[:size])))
        if not self.live and _scratch.find(self._live_sign, 0, size) >= 0:
            self.live = True
            self.position = _position(bytes(_scratch[:size]))


class Crowd:
    """Many viewers of one view. `poke` must cause an event; it is how a viewer is known to be attached."""

    def __init__(self, loop: Loop, port: int, view: str, poke: Callable[[], None]) -> None:
        self._loop, self._port, self._view, self._poke = loop, port, view, poke
        self.viewers: list[Viewer] = []

    def grow(self, count: int, snapshots: bool = False) -> None:
        """Attach viewers until there are `count`; only the first gets the whole fleet, unless `snapshots`."""
        if not self.viewers and count:
            self._attach(1, "")
        position = "" if snapshots or not self.viewers else self.viewers[0].position
        self._attach(count - len(self.viewers), position)

    def note(self) -> list[list[tuple[float, bytes]]]:
        """Begin to note what arrives at some of the viewers, spread over the crowd."""
        step = max(len(self.viewers) // MOST_NOTED, 1)
        for viewer in self.viewers:
            viewer.noted = None
        chosen = self.viewers[::step][-MOST_NOTED:]
        for viewer in chosen:
            viewer.noted = []
        return [viewer.noted for viewer in chosen if viewer.noted is not None]

    def leave(self) -> None:
        """Close all."""
        for viewer in self.viewers:
            viewer.close()

    def cut(self) -> int:
        """How many the server has cut."""
        return sum(viewer.ended for viewer in self.viewers)

    def _attach(self, count: int, position: str) -> None:
        self.viewers += [Viewer(self._loop, self._port, self._view, position) for _ in range(count)]
        end = time.monotonic() + ATTACH_SECONDS
        while not all(viewer.live for viewer in self.viewers):
            if time.monotonic() > end or self.cut():
                raise NotMeasurable(f"A viewer of the {self._view} view did not get its first event.")
            self._poke()
            settle(self._loop, 0.3)


def settle(loop: Loop, seconds: float) -> None:
    """Let pass what is under way."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        loop.turn(left)


def _position(text: bytes) -> str:
    found = _POSITION.findall(text)
    return found[-1].decode() if found else ""
