"""Calls to a node's own HTTP port: is it alive, restart, nudge. Resolve once, connect there, follow nothing."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

TIME_LIMIT = 5.0  # seconds per try
LARGEST_ANSWER = 16 * 1024


@dataclass(frozen=True)
class Reply:
    """What came of a call. `error` is a sentence; `code` is one of a closed set. `steps` are for display."""

    ok: bool
    latency_ms: int
    code: str = "ok"
    error: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    steps: tuple[dict[str, Any], ...] = ()


class _Failed(Exception):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def check_health(host: str, port: int, limit: float = TIME_LIMIT) -> Reply:
    """GET /health, then /api/status if there is no such route. Any 2xx is alive."""
    reply = _call("GET", host, port, "/health", limit)
    return _call("GET", host, port, "/api/status", limit) if reply.code == "http_error" else reply


def restart(host: str, port: int, limit: float = TIME_LIMIT) -> Reply:
    """POST /restart. An existing AgenticMail agent has no such route: that is a failure."""
    return _call("POST", host, port, "/restart", limit)


def nudge(host: str, port: int, limit: float = 2.0) -> Reply:
    """POST /nudge: ask for an early heartbeat. It is no loss if nobody hears it."""
    return _call("POST", host, port, "/nudge", limit)


def _call(method: str, host: str, port: int, path: str, limit: float) -> Reply:
    started = time.monotonic()
    deadline = started + limit
    steps: list[dict[str, Any]] = []
    try:
        addresses = _timed(steps, "resolve", lambda: _resolve(host, port))
        connection = _timed(steps, "connect", lambda: _connect_any(addresses, host, port, deadline))
        with connection, _cut_off(connection, deadline):
            body = _timed(steps, "answer", lambda: _exchange(connection, method, host, port, path, deadline))
    except _Failed as failure:
        return Reply(False, _elapsed(started), failure.code, str(failure), steps=tuple(steps))
    return Reply(True, _elapsed(started), body=body, steps=tuple(steps))


@contextmanager
def _cut_off(connection: socket.socket, deadline: float) -> Iterator[None]:
    """End the call at the deadline even if the other side keeps sending a byte now and then."""
    timer = Timer(_left(deadline), connection.shutdown, [socket.SHUT_RDWR])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _timed(steps: list[dict[str, Any]], name: str, act: Any) -> Any:
    started = time.monotonic()
    ok = False
    try:
        found = act()
        ok = True
        return found
    finally:
        steps.append({"name": name, "ok": ok, "ms": _elapsed(started)})


def _resolve(host: str, port: int) -> Any:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as failure:
        raise _Failed("unknown_host", f"No address is known for {host}; check the spelling or use an IP") from failure


def _connect_any(addresses: list[Any], host: str, port: int, deadline: float) -> socket.socket:
    """A name may stand for several addresses (localhost for ::1 and 127.0.0.1): the first that answers is taken."""
    *others, last = addresses
    for address in others:
        with suppress(_Failed):
            return _connect(address, host, port, deadline)
    return _connect(last, host, port, deadline)


def _connect(address: Any, host: str, port: int, deadline: float) -> socket.socket:
    family, kind, protocol, _, target = address
    connection = socket.socket(family, kind, protocol)
    try:
        connection.settimeout(_left(deadline))
        connection.connect(target)
    except TimeoutError as failure:
        connection.close()
        raise _Failed("timeout", f"{host}:{port} does not answer; is a firewall in the way?") from failure
    except ConnectionRefusedError as failure:
        connection.close()
        raise _Failed("refused", f"{host} refuses port {port}; is the agent or daemon running there?") from failure
    except OSError as failure:
        connection.close()
        raise _Failed("unreachable", f"{host}:{port} cannot be reached from the control plane") from failure
    return connection


def _exchange(
    connection: socket.socket, method: str, host: str, port: int, path: str, deadline: float
) -> dict[str, Any]:
    client = http.client.HTTPConnection(host, port)
    client.sock = connection
    try:
        connection.settimeout(_left(deadline))
        client.request(method, path, headers={"Accept": "application/json", "Connection": "close"})
        connection.settimeout(_left(deadline))
        answer = client.getresponse()
        raw = answer.read(LARGEST_ANSWER)
    except TimeoutError as failure:
        raise _Failed("timeout", f"{host}:{port} took the call but did not answer in time") from failure
    except (OSError, http.client.HTTPException) as failure:
        if time.monotonic() >= deadline:
            raise _Failed("timeout", f"{host}:{port} took the call but did not answer in time") from failure
        raise _Failed("not_http", f"{host}:{port} answers, but does not speak HTTP") from failure
    if not 200 <= answer.status < 300:
        raise _Failed("http_error", f"{host}:{port} answered {answer.status} to {method} {path}")
    return _object(raw)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def _elapsed(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
