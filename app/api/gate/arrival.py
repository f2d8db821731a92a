"""Who asks, by which scheme and under which name: from here on `request` says it as it is for the client."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from app.api.gate.request_id import ENVIRON as REQUEST_ID
from app.api.gate.wsgi import Environ, WsgiApp
from app.domain.network.proxy_chain import client_address, is_trusted, last
from config import Settings

FOR, SCHEME, HOST = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"
# Nothing behind this may ever look at them.
NEVER_READ = (
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_SERVER",
    "HTTP_X_FORWARDED_SSL",
)
SCHEMES = frozenset({"http", "https"})


class Arrival:
    """Believes forwarded headers of trusted proxies, and takes them away from all others."""

    def __init__(self, app: WsgiApp, settings: Settings) -> None:
        self._app = app
        self._trusted = settings.trusted_proxies
        self._public = urlsplit(settings.public_url)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        target: str = environ.get("RAW_URI", "/")
        if not target.startswith(("/", "*")):
            environ["HTTP_HOST"] = urlsplit(target).netloc  # RFC 9112, 3.2.2: then the header does not count
        said = {name: environ.pop(name, "") for name in (FOR, SCHEME, HOST)}
        for name in NEVER_READ:
            environ.pop(name, None)
        if self._trusted and is_trusted(environ.get("REMOTE_ADDR", ""), self._trusted):
            self._believe(said, environ)
        else:
            environ.pop(REQUEST_ID, None)
        if self._public.netloc and environ.get("HTTP_HOST", "").lower() == self._public.netloc:
            environ["wsgi.url_scheme"] = self._public.scheme  # as who runs us says that people reach us
        return self._app(environ, start_response)

    def _believe(self, said: dict[str, str], environ: Environ) -> None:
        environ["REMOTE_ADDR"] = client_address(environ["REMOTE_ADDR"], said[FOR], self._trusted)
        scheme, host = last(said[SCHEME]).lower(), last(said[HOST])
        if scheme in SCHEMES:
            environ["wsgi.url_scheme"] = scheme
        if host:
            environ["HTTP_HOST"] = host
