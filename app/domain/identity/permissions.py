"""Who may call a route: the policies, the roles behind them, and the decision."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])


class Policy(StrEnum):
    """Declared beside each view; a route without one stops the start."""

    PUBLIC = "public"
    NODE = "node"  # that node only
    NODE_IN_BATCH = "node, proven in the batch"  # that node only; the statement that writes the heartbeat proves it
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Role(StrEnum):
    """What a person may do; each role may all that the one before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether this role may all that the other one may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


FOR_NODES = frozenset({Policy.NODE, Policy.NODE_IN_BATCH})
ROLE_FOR = {Policy.VIEWER: Role.VIEWER, Policy.OPERATOR: Role.OPERATOR, Policy.ADMIN: Role.ADMIN}


def allow(*policies: Policy) -> Callable[[View], View]:
    """Declare who may call a view; with several policies, whoever fits one of them."""

    def declare(view: View) -> View:
        view.policies = frozenset(policies)  # type: ignore[attr-defined]
        return view

    return declare


def lower(role: Role, other: Role) -> Role:
    """The role of the two that may less: an API token never outgrows the person who made it."""
    return other if role.covers(other) else role
