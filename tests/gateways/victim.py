"""A server on loopback that nobody shall reach, and resolvers that try to lead there."""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Ask = Callable[[str, int], list[tuple[Any, ...]]]


class Victim:
    """Listens on both loopback addresses, if there are two; keeps who connected until asked."""

    def __init__(self) -> None:
        self._listeners = [socket.create_server(("127.0.0.1", 0))]
        self.port: int = self._listeners[0].getsockname()[1]
        with suppress(OSError):  # no IPv6 here
            self._listeners.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for listener in self._listeners:
            listener.setblocking(False)

    def hits(self) -> int:
        """How many connected since the last look."""
        count = 0
        for listener in self._listeners:
            with suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    count += 1
        return count

    def close(self) -> None:
        """Listen no more."""
        for listener in self._listeners:
            listener.close()


def entry(address: str, port: int) -> tuple[Any, ...]:
    """One line of a resolver's answer."""
    return socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]


def hostile(host: str, port: int) -> list[tuple[Any, ...]]:
    """Every name leads to the victim; numbers are read as the system reads them."""
    try:
        return [entry(host, port)]
    except (OSError, ValueError):
        return [entry("127.0.0.1", port)]


def leading(*answers: list[str]) -> Ask:
    """A name that leads elsewhere each time; the last answer stays. Numbers are numbers."""
    coming = list(answers)

    def ask(host: str, port: int) -> list[tuple[Any, ...]]:
        with suppress(OSError):
            return [entry(host, port)]
        now = coming.pop(0) if len(coming) > 1 else coming[0]
        return [entry(address, port) for address in now]

    return ask
