"""Whose word about a request counts: what proxies say is believed only as far as they are trusted."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]


def is_trusted(peer: str, trusted: Networks) -> bool:
    """Whether this peer is one of our proxies."""
    found = address(peer)
    return found is not None and any(found in network for network in trusted)


def client_address(peer: str, forwarded_for: str, trusted: Networks) -> str:
    """Where a request began, as far as it can be known.

    `forwarded_for` is X-Forwarded-For: each proxy adds at its end whom it heard from. So it is read from the end, as
    long as the one who added is trusted; what stands before that may be invented.
    """
    nearest = str(address(peer) or peer)
    for said in reversed(forwarded_for.split(",")):
        before = address(said)
        if before is None or not is_trusted(nearest, trusted):
            break
        nearest = str(before)
    return nearest


def last(values: str) -> str:
    """What the nearest proxy said, of a header that each may have added to."""
    return values.rpartition(",")[2].strip()


def address(text: str) -> Address | None:
    """An address in any spelling that proxies use ("::1", "[::1]:80", "192.0.2.1:80"); None if it is none."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
