"""The OpenAPI document and its explorer page; every asset comes from an installed package, none from a foreign host."""

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, render_template, send_from_directory

from app.domain.identity.permissions import Policy, allow
from app.services.build import VERSION

ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"
OPENAPI = {
    "API_TITLE": "Muster",
    "API_VERSION": VERSION,
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api",
    "OPENAPI_JSON_PATH": "openapi.json",
}

bp = Blueprint("docs", __name__, url_prefix="/api/docs", template_folder="templates", static_folder="static")


@bp.get("/")
@allow(Policy.VIEWER)
def explorer() -> str:
    """Try the API in the browser."""
    return render_template("explorer.html")


@bp.get("/assets/<path:name>")
@allow(Policy.PUBLIC)
def asset(name: str) -> Response:
    """A file of the explorer."""
    return send_from_directory(ASSETS, name)
