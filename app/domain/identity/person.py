"""People: how they are named, what is told about one, and whom a wrong guess is counted against."""

import re
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from uuid import UUID

from app.domain.errors import NotPermitted
from app.domain.identity.actor import Actor, ActorKind
from app.domain.identity.permissions import Role

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


@dataclass(frozen=True)
class Person:
    """Who is signed in."""

    id: str
    name: str
    role: Role
    has_password: bool = False
    totp: bool = False


def own_id(by: Actor) -> UUID:
    """The user behind a session. Raises NotPermitted for everybody else: scripts have no password and no sessions."""
    if by.kind is not ActorKind.USER:
        raise NotPermitted("Only a signed-in person may do this: an API token is not enough")
    if not by.user_id:
        raise NotPermitted("Sign-in is off (CLUSTER_AUTH=off), so nobody has an account here")
    return UUID(by.user_id)


def guesser(address: str) -> str:
    """Who guesses from an address: an IPv6 customer has a whole /64 of them."""
    with suppress(ValueError):
        found = ip_address(address)
        if isinstance(found, IPv6Address):
            return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return address
