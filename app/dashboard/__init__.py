"""Serves the dashboard: files that were built and compressed beforehand, and one page for all its addresses."""

import mimetypes
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from app.dashboard import flower
from app.domain.identity.permissions import Policy, allow

BUILT = Path(__file__).parents[2] / "build" / "dashboard"
NOT_BUILT = "The dashboard is not built: `make setup` builds it. The API works without it: see /api/docs/.\n"
FOR_EVER = "public, max-age=31536000, immutable"  # the name of an asset changes with its content
ASK_AGAIN = "no-cache"
bp = Blueprint("dashboard", __name__)


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
    app.register_blueprint(flower.bp)


@bp.get("/")
@bp.get("/sign-in")
@bp.get("/<any(operations, access, system, account):area>")
@bp.get("/<any(operations, access, system, account):area>/<path:rest>")
@allow(Policy.PUBLIC)
def page(area: str = "", rest: str = "") -> Response:  # noqa: ARG001 - the page itself reads its address
    """The one page; it fetches its data with the visitor's own rights."""
    if not (BUILT / "index.html").exists():
        return Response(NOT_BUILT, 503, mimetype="text/plain")
    return _file(BUILT, "index.html", ASK_AGAIN)


@bp.get("/assets/<path:name>")
@allow(Policy.PUBLIC)
def asset(name: str) -> Response:
    """A script, style or font of the page."""
    return _file(BUILT / "assets", name, FOR_EVER)


@bp.get("/<any('theme.js', 'favicon.svg'):name>")
@allow(Policy.PUBLIC)
def root_file(name: str) -> Response:
    """A file whose name never changes."""
    return _file(BUILT, name, ASK_AGAIN)


def _file(folder: Path, name: str, caching: str) -> Response:
    path = safe_join(str(folder), name)
    if path is None or not Path(path).is_file():
        raise NotFound
    packed = Path(f"{path}.gz")
    compressed = packed.is_file() and request.accept_encodings.quality("gzip") > 0
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    response = send_file(packed if compressed else path, mimetype=kind, etag=True)
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = caching
    return response
