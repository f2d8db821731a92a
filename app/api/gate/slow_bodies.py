"""A body must arrive within a time: one that drips in byte by byte would hold a connection for ever."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from gevent import Timeout
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, RequestTimeout

from app.api.gate.wsgi import Environ, WsgiApp


class BodyDeadline:
    """Stands in front of the app where gevent serves it; the clock starts when the headers have been read."""

    def __init__(self, app: WsgiApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"] = _Body(environ["wsgi.input"], time.monotonic() + self._seconds)
        return self._app(environ, start_response)


class _Body:
    """The input of a request. Raises RequestTimeout or BadRequest, after which gunicorn closes the connection."""

    def __init__(self, body: Any, deadline: float) -> None:
        self._body, self._deadline = body, deadline

    def read(self, *size: int) -> bytes:
        return self._within(self._body.read, size)

    def readline(self, *size: int) -> bytes:
        return self._within(self._body.readline, size)

    def _within(self, read: Callable[..., bytes], size: tuple[int, ...]) -> bytes:
        try:
            with Timeout(max(self._deadline - time.monotonic(), 0), RequestTimeout()):
                return read(*size)
        except (OSError, ParseException) as fault:  # cut off, or in chunks that are none
            raise BadRequest from fault
