"""Flower behind the admin role. Reading only: what Flower can do to tasks is not passed on."""

from flask import Blueprint, Response, request

from app.domain.identity.permissions import Policy, allow
from app.gateways import flower

bp = Blueprint("flower", __name__, url_prefix="/flower")


@bp.get("/")
@bp.get("/<path:rest>")
@allow(Policy.ADMIN)
def page(rest: str = "") -> Response:
    """A page or file of Flower, which is started with the same prefix."""
    found = flower.read(f"/flower/{rest}", request.query_string.decode(errors="replace"))
    return Response(found.content, found.status, found.headers)


@bp.post("/tasks/datatable")
@allow(Policy.ADMIN)
def table() -> Response:
    """The rows of Flower's list of tasks: it asks by POST, and Flower answers a GET the same."""
    found = flower.read("/flower/tasks/datatable", request.get_data(as_text=True))
    return Response(found.content, found.status, found.headers)
