"""A page of another site may not act through the browser of somebody who can reach us."""

from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import Forbidden

from app.api import auth
from app.extensions import settings

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Check before every view. Daemons, agents and scripts send neither header and are not concerned."""
    app.before_request(_refuse_other_sites)


def _refuse_other_sites() -> None:
    said = request.environ  # each heartbeat comes by here, and request.headers costs five times as much
    if said["REQUEST_METHOD"] in READING:
        return
    origin = said.get("HTTP_ORIGIN")
    foreign = origin is not None and urlsplit(origin).netloc not in _ours()
    if foreign or said.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site"):
        auth.note_refusal("It came from a page of another site")
        raise Forbidden


def _ours() -> tuple[str, str]:
    return request.host, urlsplit(settings().public_url).netloc
