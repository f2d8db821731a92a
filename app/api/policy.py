"""Every route declares who may call it; the app does not start when one does not."""

from flask import Flask

from app.domain.identity.permissions import Policy

Policies = frozenset[Policy]

# Routes that a library registers for us.
DECLARED_HERE: dict[str, Policies] = {
    "docs.static": frozenset({Policy.PUBLIC}),
    "api-docs.openapi_json": frozenset({Policy.VIEWER}),
}


class UndeclaredPolicy(RuntimeError):
    """A route does not say who may call it."""


def policies_of(app: Flask, endpoint: str) -> Policies:
    """The declared policies of an endpoint; empty if it declares none."""
    found: Policies | None = getattr(app.view_functions[endpoint], "policies", None)
    return found or DECLARED_HERE.get(endpoint, frozenset())


def init_app(app: Flask) -> None:
    """Refuse to start with a route that nobody thought about."""
    for rule in app.url_map.iter_rules():
        if not policies_of(app, rule.endpoint):
            raise UndeclaredPolicy(f"{rule} ({rule.endpoint}) declares no policy: add @allow(Policy.…) to its view")
