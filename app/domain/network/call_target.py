"""Which addresses the control plane may call: people name them, and none may lead to ourselves or a cloud's secrets."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Ports = tuple[int, int]  # the first and the last one

EVERY_PORT: tuple[Ports, ...] = ((1, 65535),)


class Objection(StrEnum):
    """Why an address is not called. For our own log: an answer never tells them apart."""

    METADATA = "metadata"
    LINK_LOCAL = "link_local"
    MULTICAST = "multicast"
    UNSPECIFIED = "unspecified"
    RESERVED = "reserved"
    OWN_SERVICE = "own_service"
    THIS_MACHINE = "this_machine"
    DENIED = "denied"
    NOT_ALLOWED = "not_allowed"
    PORT = "port"


@dataclass(frozen=True)
class CallRules:
    """What the settings say. An empty `allow` allows every network that is not denied."""

    allow: tuple[Network, ...] = ()
    deny: tuple[Network, ...] = ()
    ports: tuple[Ports, ...] = EVERY_PORT
    loopback: bool = False


@dataclass(frozen=True)
class Surroundings:
    """Where we are. `services` are our database and Redis; without an address, theirs is not known right now."""

    own_addresses: frozenset[Address] = frozenset()
    services: frozenset[tuple[Address | None, int]] = frozenset()


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# The first that holds counts. No setting opens these.
NEVER: tuple[tuple[Objection, tuple[Network, ...]], ...] = (
    (
        Objection.METADATA,
        _networks(
            "169.254.169.254/32",
            "169.254.170.2/32",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "192.0.0.192/32",
            "fd00:ec2::/64",
            "fd20:ce::254/128",
            "fd00:42::42/128",
            "fd00:c1::a9fe:a9fe/128",
        ),
    ),
    (Objection.LINK_LOCAL, _networks("169.254.0.0/16", "fe80::/10")),
    (Objection.MULTICAST, _networks("224.0.0.0/4", "ff00::/8")),
    (Objection.UNSPECIFIED, _networks("0.0.0.0/8", "::/128")),
    # The last two are tunnels (Teredo, 6to4): no node has its address there, but any IPv4 address can be spelled so.
    (Objection.RESERVED, _networks("240.0.0.0/4", "192.0.0.0/24", "192.88.99.0/24", "2001::/32", "2002::/16")),
)
# Of IPv6 only these are addresses of machines; what lies outside is reserved, or spells an IPv4 address in an old way.
MACHINES = _networks("2000::/3", "fc00::/7", "::1/128")
LOOPBACK = _networks("127.0.0.0/8", "::1/128")
NAT64 = IPv6Network("64:ff9b::/96")


def read_address(text: str) -> Address:
    """An address as the system's resolver writes it, without its zone. Raises ValueError."""
    return ip_address(text.partition("%")[0])


def objection(address: Address, port: int, rules: CallRules, here: Surroundings) -> Objection | None:
    """Why this address and port must not be called; None if they may."""
    meant = _meant(address)
    if (never := _never(meant)) is not None:
        return never
    if _is_own_service(meant, port, here):
        return Objection.OWN_SERVICE
    if _is_this_machine(meant, here) and not rules.loopback:
        return Objection.THIS_MACHINE
    if _within(meant, rules.deny) or _within(address, rules.deny):
        return Objection.DENIED
    if rules.allow and not (_within(meant, rules.allow) or _within(address, rules.allow)):
        return Objection.NOT_ALLOWED
    return None if any(first <= port <= last for first, last in rules.ports) else Objection.PORT


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if packets to it end there."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _never(meant: Address) -> Objection | None:
    for found, networks in NEVER:
        if _within(meant, networks):
            return found
    return Objection.RESERVED if meant.version == 6 and not _within(meant, MACHINES) else None


def _is_this_machine(meant: Address, here: Surroundings) -> bool:
    return _within(meant, LOOPBACK) or meant in here.own_addresses


def _is_own_service(meant: Address, port: int, here: Surroundings) -> bool:
    """A service on this machine is met at each of its addresses; one whose address is not known, at any."""
    for where, theirs in here.services:
        if port != theirs:
            continue
        if where is None or meant == _meant(where):
            return True
        if _is_this_machine(meant, here) and _is_this_machine(_meant(where), here):
            return True
    return False


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
