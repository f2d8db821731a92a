"""Viewers of the live stream: many that read, and one that comes back with its position as a browser does."""

import http.client
import json
import select
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

PATH = "/api/engine/cluster/stream"
FOLLOW = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
RETURN_SECONDS = 0.2


class Crowd:
    """So many open streams, read by one thread; it notes when a sign first came to each."""

    def __init__(self, port: int, count: int) -> None:
        self.first_bytes: list[float] = []  # seconds from asking
        self.heard: dict[bytes, list[float]] = {}  # monotonic, of each sign that is waited for
        self._address, self._count = ("127.0.0.1", port), count
        self._sockets: dict[int, tuple[socket.socket, float]] = {}
        self._tails: dict[int, bytes] = {}
        self._poll, self._stop = select.epoll(), threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()  # first of all: what comes to the first ones is read while the others still connect
        for _ in range(self._count):
            self._ask()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(10)
        for number in list(self._sockets):
            self.leave(number)

    def __len__(self) -> int:
        return len(self._sockets)

    def expect(self, sign: bytes) -> None:
        """Note from now on when these bytes come."""
        self.heard[sign] = []

    def reset(self, count: int) -> None:
        """Let so many of them vanish in the middle of a message, without a goodbye."""
        for number in list(self._sockets)[:count]:
            linger = (1).to_bytes(4, "little") + bytes(4)  # on, 0 s: a reset instead of an end
            self._sockets[number][0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.leave(number)

    def leave(self, number: int) -> None:
        """Close one."""
        connection, _ = self._sockets.pop(number)
        with suppress(OSError, ValueError):
            self._poll.unregister(number)
        connection.close()

    def _ask(self) -> None:
        connection, asked = socket.create_connection(self._address, 10), time.monotonic()
        connection.sendall(FOLLOW.encode())
        connection.setblocking(False)
        self._sockets[connection.fileno()] = connection, asked
        self._poll.register(connection, select.EPOLLIN)

    def _read(self) -> None:
        while not self._stop.is_set():
            for number, _ in self._poll.poll(0.1):
                if number in self._sockets:
                    with suppress(OSError):
                        self._take(number)

    def _take(self, number: int) -> None:
        connection, asked = self._sockets[number]
        part = connection.recv(1 << 18)
        if not part:
            self.leave(number)
            return
        if number not in self._tails:
            self.first_bytes.append(time.monotonic() - asked)
        found = self._tails.get(number, b"") + part
        for sign, times in list(self.heard.items()):
            if sign in found:
                times.append(time.monotonic())
        self._tails[number] = found[-64:] if not any(sign in found[-64:] for sign in self.heard) else b" "


class Viewer:
    """One that keeps every message of the stream, and comes back to the next process with its position when it ends."""

    def __init__(self, *ports: int, headers: dict[str, str] | None = None) -> None:
        self.messages: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.returns = 0
        self._ports, self._headers = ports, headers or {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(30)

    def told(self, node_id: str, event: str = "heartbeat") -> list[dict[str, Any]]:
        """The messages of one kind about one node, in their order."""
        return [one for one in list(self.messages) if one.get("nodeId") == node_id and one["event"] == event]

    def _follow(self) -> None:
        turn = 0
        while not self._stop.is_set():
            turn += 1
            with suppress(OSError, http.client.HTTPException, ValueError):
                self._read(self._ports[turn % len(self._ports)])
            self.returns += 1
            self._stop.wait(RETURN_SECONDS)

    def _read(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            last = {"Last-Event-ID": self.ids[-1]} if self.ids else {}
            connection.request("GET", PATH, headers={**self._headers, **last})
            answer = connection.getresponse()
            assert answer.status in (200, 502, 503), answer.status
            while answer.status == 200 and not self._stop.is_set() and (line := answer.readline()):
                self._note(line.decode().rstrip("\n"))
        finally:
            connection.close()

    def _note(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if name == "id":
            self._position = value
        elif name == "data":
            message = json.loads(value)
            self.messages.append(message)
            if message.get("type") == "node":
                self.ids.append(self._position)
