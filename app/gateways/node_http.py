"""Calls to a node's own HTTP port: is it alive, restart, nudge."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from app.domain.network.call_code import CallCode, CallFailed
from app.gateways.outgoing import connection, exchange, targets
from app.gateways.outgoing.targets import Target

TIME_LIMIT = 5.0  # seconds for all of it: the name, the connection, the answers

Found = TypeVar("Found")
Steps = list[dict[str, Any]]


@dataclass(frozen=True)
class Reply:
    """What came of a call. `error` is a sentence. `steps` are for display."""

    ok: bool
    latency_ms: int
    code: CallCode = CallCode.OK
    error: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    steps: tuple[dict[str, Any], ...] = ()


def check_health(host: str, port: int, limit: float = TIME_LIMIT) -> Reply:
    """GET /health, then /api/status if there is no such route. Any 2xx is alive."""
    return _call("GET", host, port, ("/health", "/api/status"), limit)


def restart(host: str, port: int, limit: float = TIME_LIMIT) -> Reply:
    """POST /restart. An existing AgenticMail agent has no such route: that is a failure."""
    return _call("POST", host, port, ("/restart",), limit)


def nudge(host: str, port: int, limit: float = 2.0) -> Reply:
    """POST /nudge: ask for an early heartbeat. It is no loss if nobody hears it."""
    return _call("POST", host, port, ("/nudge",), limit)


def _call(method: str, host: str, port: int, paths: tuple[str, ...], limit: float) -> Reply:
    started = time.monotonic()
    deadline = started + limit
    steps: Steps = []
    try:
        target = _timed(steps, "resolve", lambda: targets.find(host, port, deadline))
        raw = _ask_each(target, method, paths, deadline, steps)
    except CallFailed as failure:
        return Reply(False, _elapsed(started), failure.code, str(failure), steps=tuple(steps))
    return Reply(True, _elapsed(started), body=_object(raw), steps=tuple(steps))


def _ask_each(target: Target, method: str, paths: tuple[str, ...], deadline: float, steps: Steps) -> bytes:
    """The first path that is taken; the steps tell of the last one that was asked."""
    *others, last = paths
    resolved = len(steps)
    for path in others:
        try:
            return _ask(target, method, path, deadline, steps)
        except CallFailed as failure:
            if failure.code is not CallCode.HTTP_ERROR:
                raise
            del steps[resolved:]
    return _ask(target, method, last, deadline, steps)


def _ask(target: Target, method: str, path: str, deadline: float, steps: Steps) -> bytes:
    with _timed(steps, "connect", lambda: connection.open_to(target, deadline)) as opened:
        return _timed(steps, "answer", lambda: exchange.ask(opened, target, method, path, deadline))


def _timed(steps: Steps, name: str, act: Callable[[], Found]) -> Found:
    started = time.monotonic()
    ok = False
    try:
        found = act()
        ok = True
        return found
    finally:
        steps.append({"name": name, "ok": ok, "ms": _elapsed(started)})


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _elapsed(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
