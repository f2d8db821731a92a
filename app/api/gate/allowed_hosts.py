"""We answer under our own names only."""

import socket
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, current_app, request

from app.domain.errors import HostNotAllowed
from app.domain.network.host_names import host_name, host_names

# Load balancers and supervisors ask these by any address; they tell nothing that a foreign page could use.
EXEMPT = frozenset({"/healthz", "/readyz"})


def init_app(app: Flask) -> None:
    """Check before every view."""
    given = app.extensions["settings"]
    public = urlsplit(given.public_url).netloc
    names = host_names(given.host, given.allowed_hosts, public, socket.gethostname())
    app.extensions["answers_to"] = lru_cache(256)(names.allow)  # clients use few names, and often
    app.before_request(_refuse_foreign_names)


def _refuse_foreign_names() -> None:
    header = request.environ.get("HTTP_HOST", "")
    if not current_app.extensions["answers_to"](header) and request.path not in EXEMPT:
        raise HostNotAllowed(host_name(header))
