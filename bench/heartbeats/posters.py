"""Who sends the heartbeats: as fast as answers come (closed loop), or by a schedule whatever comes (open loop)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.heartbeats.loop import Loop, connect
from bench.heartbeats.messages import read_answer

OK = 200
# The server closes a connection that was idle for 5 s; one that is nearly that old is not used again.
OLDEST_IDLE = 3.0
GRACE_SECONDS = 10.0  # how long an open loop waits for late answers


class Connection:
    """One request at a time; calls `answered` with the status, 0 if there was none."""

    def __init__(self, loop: Loop, port: int, keep: bool, answered: Callable[[Connection, int], None]) -> None:
        self._loop, self._port, self._keep, self._answered = loop, port, keep, answered
        self._socket: socket.socket | None = None
        self._received = b""
        self.busy = False
        self.index = 0  # of the beat that is under way
        self.idle_since = 0.0

    def send(self, request: bytes, index: int) -> None:
        """Send one request, over a new connection if there is none. Raises NotMeasurable when nobody listens."""
        self.index, self.busy = index, True
        if self._socket is None:
            self._socket = connect(self._port)
            self._loop.watch(self._socket, self._read)
        self._socket.send(request)  # a few hundred bytes: the kernel takes them whole

    def close(self) -> None:
        """Leave; a request under way stays without an answer."""
        if self._socket is not None:
            self._loop.forget(self._socket)
            self._socket.close()
        self._socket, self._received, self.busy = None, b"", False

    def _read(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(65536)
        except OSError:
            data = b""
        self._received += data
        status = read_answer(self._received) if data else 0
        if status is None:
            return
        was_busy, self.busy, self._received = self.busy, False, b""
        if status == 0 or not self._keep:
            self.close()
        if was_busy:
            self._answered(self, status)


class ClosedLoop:
    """A number of clients that each send the next beat as soon as the last one was answered."""

    def __init__(self, loop: Loop, port: int, requests: Sequence[bytes], keep: bool, clients: int = 64) -> None:
        self._loop, self._requests, self._sent = loop, requests, 0
        self._clients = [Connection(loop, port, keep, self._on_answer) for _ in range(clients)]
        self._running = False
        self.done = self.errors = 0

    def run(self, seconds: float) -> None:
        """Go on for so long; `done` and `errors` count up. What is under way at the end is answered later."""
        self._running = True
        for client in self._clients:
            if not client.busy:
                self._next(client)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._loop.turn(left)
        self._running = False

    def close(self) -> None:
        """Drop all clients."""
        for client in self._clients:
            client.close()

    def _next(self, client: Connection) -> None:
        client.send(self._requests[self._sent % len(self._requests)], self._sent)
        self._sent += 1

    def _on_answer(self, client: Connection, status: int) -> None:
        self.done += 1
        self.errors += status != OK
        if self._running:
            self._next(client)


@dataclass
class OpenLoop:
    """Beats by a schedule (seconds from the start). What is late counts from when it was due, not from when it left."""

    loop: Loop
    port: int
    requests: Sequence[bytes]
    schedule: Sequence[float]
    keep: bool
    started: float = 0.0
    late_seconds: dict[int, float] = field(default_factory=dict)  # by index: from due to answered
    errors: int = 0
    done_in_time: int = 0  # answered while the schedule still ran
    _idle: list[Connection] = field(default_factory=list)
    _all: list[Connection] = field(default_factory=list)

    def run(self) -> None:
        """Send everything, then wait for what is still under way, at most GRACE_SECONDS."""
        self.started = time.monotonic() + 0.02
        total, sent = len(self.schedule), 0
        end = self.started + self.schedule[-1]
        while len(self.late_seconds) + self.errors < total and (now := time.monotonic()) < end + GRACE_SECONDS:
            while sent < total and self.started + self.schedule[sent] <= now:
                self._take().send(self.requests[sent], sent)
                sent += 1
            due = self.started + self.schedule[sent] if sent < total else now + 0.05
            self.loop.turn(due - time.monotonic())
            if sent < total:
                self.done_in_time = len(self.late_seconds)
        for connection in self._all:
            connection.close()

    def _take(self) -> Connection:
        """The connection that was used last: the few that are needed stay warm, the others grow old."""
        now = time.monotonic()
        while self._idle:
            connection = self._idle.pop()
            if now - connection.idle_since < OLDEST_IDLE:
                return connection
            connection.close()
        connection = Connection(self.loop, self.port, self.keep, self._on_answer)
        self._all.append(connection)
        return connection

    def _on_answer(self, connection: Connection, status: int) -> None:
        now = time.monotonic()
        if status == OK:
            self.late_seconds[connection.index] = now - self.started - self.schedule[connection.index]
        else:
            self.errors += 1
        connection.idle_since = now
        self._idle.append(connection)
