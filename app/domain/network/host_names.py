"""Under which names we answer: a page of a foreign name that was pointed at our address must get nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

HEADER = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_-][A-Za-z0-9._-]*))(?::[0-9]{1,5})?", re.ASCII)
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - recognised, not bound to
ANY_BELOW = "*."


@dataclass(frozen=True)
class HostNames:
    """Names in lower case. `any_address` allows every IP literal: no foreign name can be behind one."""

    names: frozenset[str]
    any_address: bool

    def allow(self, header: str) -> bool:
        """Whether a request with this Host header is meant for us."""
        name = host_name(header)
        if name in self.names or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return ip_address(name).is_loopback or self.any_address
        except ValueError:
            return f"{ANY_BELOW}{name.partition('.')[2]}" in self.names


def host_names(bound_to: str, listed: Iterable[str], public: str, own_name: str) -> HostNames:
    """Loopback always counts, and the host of PUBLIC_URL (`public`, may be empty).

    Beside them what is listed; else the address that we are bound to; else, bound to all, any address of ours and the
    machine's own name.
    """
    chosen = {host_name(name) if not name.startswith(ANY_BELOW) else name.lower() for name in listed}
    everywhere = not chosen and bound_to in EVERYWHERE
    if not chosen:
        chosen = {own_name.lower(), f"{own_name.lower()}.local"} if everywhere else {bound_to.lower()}
    return HostNames(frozenset(chosen | {host_name(public)} - {""}), everywhere)


def host_name(header: str) -> str:
    """The name or address in a Host header, in lower case, without its port; empty when it is malformed."""
    found = HEADER.fullmatch(header)
    return (found[1] or found[2]).rstrip(".").lower() if found else ""
