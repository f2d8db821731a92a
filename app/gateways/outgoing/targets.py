"""Find the addresses behind a name once, and keep only those that may be called."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil

from app.domain.network.call_code import CallCode, CallFailed
from app.domain.network.call_target import Address, CallRules, Surroundings, objection, read_address
from app.domain.network.own_services import own_services
from app.extensions import settings
from app.gateways.outgoing import resolver
from app.gateways.outgoing.resolver import Found

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Target:
    """What may be called under a name. `addresses` are sockets' arguments, in the resolver's order; never empty."""

    host: str
    port: int
    addresses: tuple[Any, ...]


def find(host: str, port: int, deadline: float) -> Target:
    """Resolve and judge. A call connects to one of these addresses and resolves nothing again. Raises CallFailed."""
    try:
        found = resolver.look_up(host, port, deadline)
    except TimeoutError as failure:
        raise CallFailed(CallCode.TIMEOUT, f"The address of {host} was not found in time; is DNS slow?") from failure
    except (OSError, ValueError) as failure:
        raise CallFailed(
            CallCode.UNKNOWN_HOST, f"No address is known for {host}; check the spelling or use an IP"
        ) from failure
    return Target(host, port, _judged(host, port, found, deadline))


def expect_allowed(host: str, port: int, deadline: float) -> None:
    """The same judgement for what another machine shall call for us. Raises CallFailed.

    Only an address is judged: what a name means over there is not known here.
    """
    try:
        found = resolver.ask_for_address("127.0.0.1" if _is_loopback_name(host) else host, port)
    except (OSError, ValueError):
        return
    _judged(host, port, found, deadline)


def _judged(host: str, port: int, found: Found, deadline: float) -> tuple[Any, ...]:
    allowed = tuple(_allowed(host, port, found, deadline))
    if not allowed:
        # One sentence for all reasons, so that nobody learns from it where our own services are.
        raise CallFailed(
            CallCode.TARGET_DENIED,
            f"{host}:{port} is not called: the control plane never calls its own machine and services, link-local, "
            "metadata and reserved addresses, or what its NODE_CALLS settings exclude",
        )
    return allowed


def _is_loopback_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def _allowed(host: str, port: int, found: Found, deadline: float) -> Iterator[Any]:
    made = settings()
    rules = CallRules(made.node_calls_allow, made.node_calls_deny, made.node_calls_ports, made.node_calls_loopback)
    here = Surroundings(_own_addresses(), frozenset(_services(host, found, deadline)))
    for address in found:
        why = objection(read_address(address[4][0]), port, rules, here)
        if why is None:
            yield address
        else:
            log.info("%r port %d is not called: %s", host, port, why)


def _own_addresses() -> frozenset[Address]:
    spelled = (one.address for card in psutil.net_if_addrs().values() for one in card)
    return frozenset(filter(None, map(_address, spelled)))


def _address(text: str) -> Address | None:
    try:
        return read_address(text)
    except ValueError:  # the number of a network card
        return None


def _services(host: str, found: Found, deadline: float) -> Iterator[tuple[Address | None, int]]:
    """Our database, Redis and broker. The called name itself is not resolved again: it may lead elsewhere by now."""
    made = settings()
    for name, port in own_services(made.database_url, made.redis_url, made.celery_broker):
        try:
            theirs = found if name == host.rstrip(".").lower() else resolver.look_up(name, port, deadline)
        except (OSError, ValueError):
            yield None, port
        else:
            yield from ((read_address(one[4][0]), port) for one in theirs)
