"""A heartbeat in good order needs no routing, request object or hooks: they are more than half of what it costs.

Whatever is out of the ordinary goes on to Flask, and so does every failure: the view answers it.
"""

import re
from collections.abc import Iterable
from typing import Any

import orjson
from flask import Flask

from app import logs
from app.api.auth import secret_in
from app.api.gate.wsgi import Environ
from app.domain.errors import InvalidInput
from app.domain.identity.actor import Actor, ActorKind
from app.domain.nodes.heartbeat import Heartbeat, parse
from app.domain.nodes.registration import NODE_ID
from app.services import heartbeats
from app.services.heartbeats import Accepted

PATH = re.compile(rf"/api/engine/cluster/heartbeat/({NODE_ID.pattern})")
FAILURE = "muster.heartbeat_failure"  # the key under which the view finds why a heartbeat was not accepted
LARGEST_BODY = 32 * 1024  # 500 ids of agents, and a few kB about them
EMPTY = Heartbeat()
# Only a browser sends these, and whether it may is for Flask's hooks to judge.
UNUSUAL = frozenset({"HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE"})


class HeartbeatDoor:
    """Stands directly in front of Flask."""

    def __init__(self, app: Flask) -> None:
        self._app, self._next = app, app.wsgi_app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        found = PATH.fullmatch(environ["PATH_INFO"])
        if found is None or environ["REQUEST_METHOD"] != "POST" or not self._is_usual(environ):
            return self._next(environ, start_response)
        with self._app.app_context():
            try:
                body = answered(accept(found[1], environ))
            except Exception as failure:  # noqa: BLE001 - the view raises it again, where failures become answers
                environ[FAILURE] = failure
        if FAILURE in environ:
            return self._next(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _is_usual(self, environ: Environ) -> bool:
        return UNUSUAL.isdisjoint(environ) and bool(self._app.extensions["answers_to"](environ.get("HTTP_HOST", "")))


def accept(node_id: str, environ: Environ) -> Accepted:
    """Read a heartbeat and hand it on. Raises whatever its reader and its verb raise."""
    by = Actor(ActorKind.NOBODY, address=environ.get("REMOTE_ADDR", ""), request_id=logs.request_id())
    return heartbeats.accept(node_id, _read(environ), secret_in(environ), by)


def answered(accepted: Accepted) -> bytes:
    """The answer as JSON: when to beat again, and what to do until then."""
    body: dict[str, object] = {"ok": True, "heartbeatIntervalMs": accepted.interval_ms}
    if accepted.commands:
        body["commands"] = accepted.commands
    if accepted.renew:
        body["renew"] = True
    if accepted.assignments is not None:
        body["assignments"] = accepted.assignments
    if accepted.ignored:
        body["ignored"] = True
    return orjson.dumps(body)


def _read(environ: Environ) -> Heartbeat:
    try:
        raw = environ["wsgi.input"].read(LARGEST_BODY + 1)
    except OSError as fault:
        raise InvalidInput("The heartbeat did not arrive as a whole") from fault
    if len(raw) > LARGEST_BODY:
        raise InvalidInput(f"A heartbeat may have at most {LARGEST_BODY} bytes")
    if not raw:
        return EMPTY
    try:
        return parse(orjson.loads(raw))
    except orjson.JSONDecodeError as fault:
        raise InvalidInput("The heartbeat is not valid JSON") from fault
