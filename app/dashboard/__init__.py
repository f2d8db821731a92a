"""The first page: the live list of nodes."""

from flask import Blueprint, Flask, render_template

from app.domain.permissions import Policy, allow

bp = Blueprint("dashboard", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


def init_app(app: Flask) -> None:
    """Register the page."""
    app.register_blueprint(bp)


@bp.get("/")
@allow(Policy.PUBLIC)
def index() -> str:
    """The live list; it fetches its data with the visitor's own rights."""
    return render_template("index.html")
