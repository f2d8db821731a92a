"""A reader of server-sent events with deadlines, as a browser or an existing client reads them."""

import http.client
import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from tests.fleet import Fleet

PATH = "/api/engine/cluster/stream"
PATIENCE = 8.0  # seconds


@dataclass(frozen=True)
class Message:
    """One message. `event` is "message" when it was not named."""

    id: str | None
    event: str
    data: Any

    @property
    def is_node(self) -> bool:
        """About a node, in either view."""
        return isinstance(self.data, dict) and self.data.get("type") == "node"

    @property
    def told(self) -> tuple[str, str]:
        """Event and node id of a message about a node."""
        return str(self.data["event"]), str(self.data["nodeId"])


class Reader:
    """An open stream; a thread reads it, so that every wait here has a deadline."""

    def __init__(
        self,
        port: int,
        query: str = "",
        last_id: str | None = None,
        sent: dict[str, str] | None = None,
        path: str = PATH,
    ) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = (sent or {}) | ({} if last_id is None else {"Last-Event-ID": last_id})
        self._connection.request("GET", path + query, headers=headers)
        assert self._connection.sock is not None
        self._socket = self._connection.sock
        self.response = self._connection.getresponse()
        self.retry: int | None = None
        self.last_id = last_id
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, patience: float = PATIENCE) -> Message | None:
        """The next message, or None at the end of the stream; raises queue.Empty when none comes in time."""
        message = self._messages.get(timeout=patience)
        if message is not None and message.id is not None:
            self.last_id = message.id
        return message

    def until(self, wanted: Callable[[Message], bool]) -> list[Message]:
        """All messages up to the wanted one."""
        found: list[Message] = []
        deadline = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < deadline, f"only {found}"
            message = self.next()
            assert message is not None, f"the stream ended after {found}"
            found.append(message)
            if wanted(message):
                return found

    def nodes(self, count: int) -> list[Message]:
        """The next messages about nodes; others are skipped."""
        found: list[Message] = []
        while len(found) < count:
            found += [message for message in self.until(lambda message: message.is_node) if message.is_node]
        return found

    def told(self, count: int) -> list[tuple[str, str]]:
        """Events and ids of the next messages about nodes."""
        return [message.told for message in self.nodes(count)]

    def is_calm(self, seconds: float) -> bool:
        """Whether nothing comes for so long."""
        try:
            return self.next(seconds) is None
        except queue.Empty:
            return True

    def ended(self) -> bool:
        """Whether the stream ends, after whatever still comes."""
        while self.next() is not None:
            pass
        return True

    def close(self) -> None:
        """Go away, as a closed tab does."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        with suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            while line := self.response.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "retry":
                    self.retry = int(value)
                elif name:
                    fields[name] = value
                elif fields:
                    event = fields.get("event", "message")
                    self._messages.put(Message(fields.get("id"), event, json.loads(fields["data"])))
                    fields = {}
        self.response.close()
        self._messages.put(None)


@contextmanager
def watching(port: int, query: str = "", last_id: str | None = None) -> Iterator[Reader]:
    """A reader for the length of a block."""
    with closing(Reader(port, query, last_id)) as reader:
        yield reader


class Wsgi:
    """The app as gunicorn would serve it: with its socket in the environment, so that a slow viewer can be cut."""

    def __init__(self, app: Flask, send_buffer: int | None = None) -> None:
        self._app, self._send_buffer = app, send_buffer

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        connection = environ["werkzeug.socket"]
        if self._send_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer)
        return self._app({**environ, "gunicorn.socket": connection}, start_response)


@contextmanager
def serving(app: Flask, send_buffer: int | None = None) -> Iterator[int]:
    """Serve the app on a free port, which is yielded; at the end all its streams end."""
    server = make_server("127.0.0.1", 0, Wsgi(app, send_buffer), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        app.extensions["stream_hub"].close()
        server.shutdown()
        thread.join(5)
        server.server_close()


def usage(cpu: float) -> Callable[[Message], bool]:
    """Wants a message about a node with this usage."""
    return lambda message: message.is_node and message.data["metadata"].get("cpuUsage") == cpu


SNAPSHOT = {("snapshot", f"n-{number}") for number in range(3)}  # of `three`


def settled(port: int, fleet: Fleet) -> Reader:
    """A viewer that has seen everything up to a beat of n-0."""
    viewer = Reader(port)
    fleet.beat("n-0", cpuUsage=0.01)
    viewer.until(lambda message: message.is_node and message.told == ("heartbeat", "n-0"))
    return viewer
