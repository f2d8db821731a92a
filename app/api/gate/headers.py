"""Headers that make a browser distrust everything but our own files."""

from collections.abc import Iterable
from typing import Any

from app.api.gate.wsgi import Environ, Header, WsgiApp

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    NO_SNIFFING,
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
# Only this host: what else lives under the domain is not ours to decide.
ONLY_BY_TLS = ("Strict-Transport-Security", "max-age=31536000")
# What one person may read must not lie in a cache for the next.
NOT_KEPT = ("Cache-Control", "no-store")
JSON = "application/json"
# The JSON that answers one is read by machines only, and all headers would make it a tenth more expensive.
HEARTBEAT = "/api/engine/cluster/heartbeat/"
FOR_MACHINES = (NO_SNIFFING, NOT_KEPT)
_BY_NAME = tuple((header[0].lower(), header) for header in HEADERS)


class SafeHeaders:
    """Adds to every answer what its view did not set itself."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        by_tls = environ["wsgi.url_scheme"] == "https"
        is_heartbeat = environ["PATH_INFO"].startswith(HEARTBEAT)

        def start(status: str, headers: list[Header], *failure: Any) -> Any:
            if is_heartbeat and ("Content-Type", JSON) in headers:
                headers.extend(FOR_MACHINES)
                return start_response(status, headers, *failure)
            said = {name.lower(): value for name, value in headers}
            headers.extend(header for name, header in _BY_NAME if name not in said)
            if by_tls:
                headers.append(ONLY_BY_TLS)
            if said.get("content-type") == JSON and not said.keys() & {"etag", "cache-control"}:
                headers.append(NOT_KEPT)
            return start_response(status, headers, *failure)

        return self._app(environ, start)
