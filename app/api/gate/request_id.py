"""Every request has an id: it is in its answer, in the log lines about it and in the audit log."""

import re
import secrets
from collections.abc import Iterable
from typing import Any

from app import logs
from app.api.gate.wsgi import Environ, Header, WsgiApp

HEADER = "X-Request-Id"
ENVIRON = "HTTP_X_REQUEST_ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


class RequestId:
    """Takes the id that a proxy gave, if it is well-formed, or makes one. Untrusted ones never come this far."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        given: str = environ.get(ENVIRON, "")
        request_id = given if WELL_FORMED.fullmatch(given) else secrets.token_hex(8)
        logs.begin_request(request_id)

        def start(status: str, headers: list[Header], *failure: Any) -> Any:
            headers.append((HEADER, request_id))
            return start_response(status, headers, *failure)

        return self._app(environ, start)
