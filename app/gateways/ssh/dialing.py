"""Reach the port of an SSH server, and make sure that one is behind it."""

import socket
import time

from app.domain.deploying.ssh import SshFailure, SshFault, SshTarget
from app.domain.network.call_code import CallCode, CallFailed
from app.gateways.outgoing import targets
from app.gateways.outgoing.connection import open_to
from app.gateways.ssh import limits
from app.gateways.ssh.tunnel import Tunnel

# A peer that is gone is noticed by the kernel within 15 s; SSH's own keep-alive waits for no answer.
KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}
GREETING = b"SSH-"
Connection = socket.socket | Tunnel


def dial(target: SshTarget) -> socket.socket:
    """Connect to an address that may be called; the name is resolved once."""
    deadline = time.monotonic() + limits.CONNECT_SECONDS
    try:
        connection = open_to(targets.find(target.host, target.port, deadline), deadline)
    except CallFailed as failure:
        raise _unreachable(target, failure) from None
    _keep_alive(connection)
    return connection


def expect_allowed(target: SshTarget) -> None:
    """Raises SshFailure for a machine that a bastion must not be asked to connect to. See decision 10."""
    try:
        targets.expect_allowed(target.host, target.port, time.monotonic() + limits.CONNECT_SECONDS)
    except CallFailed as failure:
        raise _unreachable(target, failure) from None


def _unreachable(target: SshTarget, failure: CallFailed) -> SshFailure:
    where = f"{target.host} port {target.port}"
    sentences = {
        CallCode.UNKNOWN_HOST: (SshFault.DNS, f"{target.host} does not resolve to an address"),
        CallCode.TARGET_DENIED: (SshFault.TARGET_DENIED, str(failure)),
        CallCode.REFUSED: (SshFault.REFUSED, f"{where} refused the connection: no SSH server listens there"),
        CallCode.TIMEOUT: (
            SshFault.TCP_TIMEOUT,
            f"{where} did not answer within {limits.CONNECT_SECONDS:.0f} s: something drops the packets",
        ),
    }
    default = (SshFault.NO_ROUTE, f"There is no network route to {target.host}")
    return SshFailure(*sentences.get(failure.code, default))


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def expect_greeting(connection: Connection, target: SshTarget) -> None:
    """Look at the first bytes before paramiko does: it has one text for silence, hanging up and nonsense."""
    deadline = time.monotonic() + limits.GREETING_SECONDS
    first = b""
    while len(first) < len(GREETING):
        try:
            connection.settimeout(max(deadline - time.monotonic(), 0.01))
            seen = connection.recv(len(GREETING), socket.MSG_PEEK)
        except TimeoutError as failure:
            sentence = (
                f"{target.host} accepted the connection but sent no SSH greeting in {limits.GREETING_SECONDS:.0f} s"
            )
            raise SshFailure(SshFault.BANNER_TIMEOUT, sentence) from failure
        except OSError:
            seen = b""
        if not seen:
            raise SshFailure(SshFault.CLOSED_EARLY, f"{target.host} closed the connection before the SSH greeting")
        if len(seen) == len(first):  # what is there already is seen again and again: wait for more
            time.sleep(0.02)
        first = seen
    if first != GREETING:
        raise not_ssh(target)


def not_ssh(target: SshTarget) -> SshFailure:
    """Another program answers there."""
    return SshFailure(SshFault.NOT_SSH, f"Port {target.port} on {target.host} answers, but not as an SSH server")
