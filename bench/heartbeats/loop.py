"""The smallest event loop that does: the generator must never be what is measured."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable

from bench.heartbeats.errors import NotMeasurable


class Loop:
    """Calls the handler of each socket that can be read. One thread, no timers."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._handlers: dict[int, Callable[[], None]] = {}

    def watch(self, connection: socket.socket, handler: Callable[[], None]) -> None:
        """Call `handler` whenever this socket can be read or was closed by its peer."""
        self._handlers[connection.fileno()] = handler
        self._poll.register(connection, select.EPOLLIN)

    def forget(self, connection: socket.socket) -> None:
        """Watch no longer; call it before the socket is closed."""
        self._poll.unregister(connection)
        del self._handlers[connection.fileno()]

    def turn(self, wait: float) -> None:
        """Handle what can be read, waiting at most `wait` seconds (rounded up to milliseconds) for something."""
        for number, _ in self._poll.poll(max(wait, 0.0)):
            # An earlier handler of this turn may have closed the socket.
            if handler := self._handlers.get(number):
                handler()


def connect(port: int) -> socket.socket:
    """A connection to a server on this machine that never blocks once it stands. Raises NotMeasurable after 5 s."""
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    except OSError as failure:
        raise NotMeasurable(f"A web server did not take a connection: {failure}") from failure
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    return connection
