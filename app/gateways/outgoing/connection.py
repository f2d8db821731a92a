"""Connect to exactly the addresses that were judged."""

import socket
from contextlib import suppress
from typing import Any

from app.domain.network.call_code import CallCode, CallFailed
from app.gateways.outgoing.deadline import left
from app.gateways.outgoing.targets import Target


def open_to(target: Target, deadline: float) -> socket.socket:
    """A name may stand for several addresses (localhost for ::1 and 127.0.0.1): the first that answers is taken.

    Each gets its share of the time. Raises CallFailed.
    """
    *others, last = target.addresses
    for number, address in enumerate(others):
        with suppress(CallFailed):
            return _connect(address, target, left(deadline) / (len(target.addresses) - number))
    return _connect(last, target, left(deadline))


def _connect(address: Any, target: Target, seconds: float) -> socket.socket:
    family, kind, protocol, _, where = address
    host, port = target.host, target.port
    connection = socket.socket(family, kind, protocol)
    try:
        connection.settimeout(seconds)
        connection.connect(where)
    except OSError as failure:
        connection.close()
        raise _failed(failure, host, port) from failure
    return connection


def _failed(failure: OSError, host: str, port: int) -> CallFailed:
    if isinstance(failure, TimeoutError):
        return CallFailed(CallCode.TIMEOUT, f"{host}:{port} does not answer; is a firewall in the way?")
    if isinstance(failure, ConnectionRefusedError):
        return CallFailed(CallCode.REFUSED, f"{host} refuses port {port}; is the agent or daemon running there?")
    return CallFailed(CallCode.UNREACHABLE, f"{host}:{port} cannot be reached from the control plane")
