"""Every route declares who may call it; the app does not start when one does not."""

from flask import Flask

from app.domain.permissions import Policy

# Routes that a library registers for us.
DECLARED_HERE = {
    "docs.static": Policy.PUBLIC,
    "dashboard.static": Policy.PUBLIC,
    "api-docs.openapi_json": Policy.VIEWER,
}


class UndeclaredPolicy(RuntimeError):
    """A route does not say who may call it."""


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The declared policy of an endpoint, or None."""
    found: Policy | None = getattr(app.view_functions[endpoint], "policy", None)
    return found or DECLARED_HERE.get(endpoint)


def init_app(app: Flask) -> None:
    """Refuse to start with a route that nobody thought about."""
    for rule in app.url_map.iter_rules():
        if policy_of(app, rule.endpoint) is None:
            raise UndeclaredPolicy(f"{rule} ({rule.endpoint}) declares no policy: add @allow(Policy.…) to its view")
