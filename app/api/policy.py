"""Who may call which route: declared beside each view, and the app does not start when one is missing."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask

from app.domain.permissions import Policy

View = TypeVar("View", bound=Callable[..., object])

# Routes that a library registers for us.
DECLARED_HERE = {
    "docs.static": Policy.PUBLIC,
    "dashboard.static": Policy.PUBLIC,
    "api-docs.openapi_json": Policy.VIEWER,
}


class UndeclaredPolicy(RuntimeError):
    """A route does not say who may call it."""


def allow(policy: Policy) -> Callable[[View], View]:
    """Declare who may call a view."""

    def declare(view: View) -> View:
        view.policy = policy  # type: ignore[attr-defined]
        return view

    return declare


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The declared policy of an endpoint, or None."""
    found: Policy | None = getattr(app.view_functions[endpoint], "policy", None)
    return found or DECLARED_HERE.get(endpoint)


def init_app(app: Flask) -> None:
    """Refuse to start with a route that nobody thought about."""
    for rule in app.url_map.iter_rules():
        if policy_of(app, rule.endpoint) is None:
            raise UndeclaredPolicy(f"{rule} ({rule.endpoint}) declares no policy: add @allow(Policy.…) to its view")
