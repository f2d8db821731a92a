"""A node credential in front of the path, for agents that can only be told a URL: /w/<credential>/api/…"""

from collections.abc import Iterable
from typing import Any

from app.api.gate.wsgi import WsgiApp

CREDENTIAL = "muster.credential"  # the key under which it is kept, out of the path and so out of every log
PREFIX = "/w/"


class UrlCredential:
    """Takes the credential out of the path before anything else sees it."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if path.startswith(PREFIX):
            credential, slash, rest = path[len(PREFIX) :].partition("/")
            environ[CREDENTIAL], environ["PATH_INFO"] = credential, slash + rest or "/"
            for logged in ("RAW_URI", "REQUEST_URI"):
                environ[logged] = environ["PATH_INFO"]
        return self._app(environ, start_response)
