"""One HTTP request and its answer on an open connection, with a limit of bytes and an end in time."""

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from typing import cast

from app.domain.network.call_code import CallCode, CallFailed
from app.gateways.outgoing.deadline import left, passed
from app.gateways.outgoing.targets import Target

LARGEST_ANSWER = 16 * 1024  # bytes, its head included


class _Metered(io.RawIOBase):
    """What the other side sends, up to the limit; then as if it had hung up."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = LARGEST_ANSWER

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What HTTPResponse asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._left)
        count = self._connection.recv_into(buffer[:wanted]) if wanted else 0
        self._left -= count
        return count


def ask(connection: socket.socket, target: Target, method: str, path: str, deadline: float) -> bytes:
    """Send a request without a body; the body of a 2xx answer, or as much of it as the limits let in.

    No proxy, no redirect, no second request. Raises CallFailed.
    """
    host, port = target.host, target.port
    try:
        with _cut_off(connection, deadline):
            answer = _answer(connection, target, method, path, deadline)
            raw = answer.read(LARGEST_ANSWER)
    except (OSError, HTTPException) as failure:
        if isinstance(failure, TimeoutError) or passed(deadline):
            sentence = f"{host}:{port} took the call but did not answer in time"
            raise CallFailed(CallCode.TIMEOUT, sentence) from failure
        raise CallFailed(CallCode.NOT_HTTP, f"{host}:{port} answers, but does not speak HTTP") from failure
    if not 200 <= answer.status < 300:
        raise CallFailed(CallCode.HTTP_ERROR, f"{host}:{port} answered {answer.status} to {method} {path}")
    return raw


def _answer(connection: socket.socket, target: Target, method: str, path: str, deadline: float) -> HTTPResponse:
    client = HTTPConnection(target.host, target.port)
    client.sock = connection
    connection.settimeout(left(deadline))
    client.request(method, path, headers={"Accept": "application/json", "Connection": "close"})
    connection.settimeout(left(deadline))
    answer = HTTPResponse(cast("socket.socket", _Metered(connection)), method=method)
    answer.begin()
    return answer


@contextmanager
def _cut_off(connection: socket.socket, deadline: float) -> Iterator[None]:
    """End the call at the deadline even if the other side keeps sending a byte now and then."""
    timer = Timer(left(deadline), _hang_up, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # the other side was quicker
        connection.shutdown(socket.SHUT_RDWR)
