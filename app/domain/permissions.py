"""Who may call a route."""

from enum import StrEnum


class Policy(StrEnum):
    """Declared beside each view; a route without one stops the start."""

    PUBLIC = "public"
    NODE = "node"  # that node only
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
