"""How often somebody may ask. Heartbeats never count."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request

from app.api import auth
from app.api.policy import policies_of
from app.domain.errors import NodeRemoved, SignInRequired, TooManyRequests
from app.domain.identity.actor import ActorKind
from app.domain.identity.permissions import Policy
from app.domain.identity.person import guesser
from app.extensions import settings
from app.gateways import rate_counter

View = TypeVar("View", bound=Callable[..., object])

HEARTBEAT = "heartbeats.heartbeat"  # the hot path does not even ask whether it counts
# Per minute. One address may be a whole office, or a fleet that joins; guesses are counted exactly, by their verb.
CHANGES_BY_STRANGERS = 120
CALLS_TO_ONE_TARGET = 10
STRANGERS_SHARE = 4  # somebody we do not know may ask a fourth as often as the others


def init_app(app: Flask) -> None:
    """Count each request before anything else is done with it."""
    app.before_request(_count)


def _target(*said: Any, node_id: str = "", **_: object) -> tuple[str]:
    return (node_id or said[0]["host"],)


def costly(per_minute: int, targets: Callable[..., Iterable[str]] = _target) -> Callable[[View], View]:
    """Declare that a view makes the control plane do work for others: limited per caller, and per node or address.

    `targets` names them from what the view is called with.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def limited(*said: Any, **path: Any) -> object:
            spend(per_minute, "by", _caller(), request.endpoint or "")
            for target in targets(*said, **path):
                spend(CALLS_TO_ONE_TARGET, "to", target.lower(), request.endpoint or "")
            return view(*said, **path)

        return cast("View", limited)

    return declare


def spend(per_minute: int, *who: str) -> None:
    """Count one more, or raise TooManyRequests; a flood leaves one row a minute in the audit log."""
    counter = rate_counter.counter()
    if counter.allows(per_minute, *who):
        return
    if counter.allows(1, "told", *who):
        auth.note_refusal("Too many requests")
    raise TooManyRequests(counter.seconds_until_next(per_minute, *who))


def _count() -> None:
    # While others sign people in for us, all of them may come from the address of one proxy.
    if request.endpoint in (None, HEARTBEAT) or not settings().cluster_auth:
        return
    policies = policies_of(current_app, str(request.endpoint))
    if Policy.PUBLIC in policies:
        if request.method not in auth.READING:
            spend(CHANGES_BY_STRANGERS, "changes", _address())
        return  # pages and probes
    who, most = _caller(), settings().requests_per_minute
    spend(max(1, most // STRANGERS_SHARE) if who.startswith("address") else most, "all", who)


def _caller() -> str:
    try:
        found = auth.actor()
    except (SignInRequired, NodeRemoved):
        return _address()
    return f"{found.kind} {found.id}" if found.id and found.kind is not ActorKind.NOBODY else _address()


def _address() -> str:
    return f"address {guesser(request.remote_addr or '')}"
