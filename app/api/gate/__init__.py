"""What every request passes on its way to a view, and every answer on its way out."""

from flask import Flask

from app.api.gate import allowed_hosts
from app.api.gate.arrival import Arrival
from app.api.gate.headers import SafeHeaders
from app.api.gate.request_id import RequestId


def init_app(app: Flask) -> None:
    """Stand in front of the app; what is named last sees a request first."""
    for wrapper in (SafeHeaders, RequestId):
        app.wsgi_app = wrapper(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = Arrival(app.wsgi_app, app.extensions["settings"])  # type: ignore[method-assign]
    allowed_hosts.init_app(app)
