"""Who may call a route."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])


class Policy(StrEnum):
    """Declared beside each view; a route without one stops the start."""

    PUBLIC = "public"
    NODE = "node"  # that node only
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


def allow(policy: Policy) -> Callable[[View], View]:
    """Declare who may call a view."""

    def declare(view: View) -> View:
        view.policy = policy  # type: ignore[attr-defined]
        return view

    return declare
