"""A connection in named phases (address, greeting, key exchange, host key, login): each can fail in its own way only.

The host key is judged before anything that proves the user is sent. No agent, no key files, no configuration of
this machine is used.
"""

import base64
import hashlib
import hmac
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paramiko

from app.domain.call_code import CallCode, CallFailed
from app.domain.ssh import Login, SshFailure, SshFault, SshTarget
from app.gateways.outgoing import targets
from app.gateways.outgoing.connection import open_to
from app.gateways.ssh.keys import read_private_key

CONNECT_SECONDS, GREETING_SECONDS, KEX_SECONDS, LOGIN_SECONDS = 8.0, 8.0, 10.0, 15.0
# A peer that is gone is noticed by the kernel within 15 s; SSH's own keep-alive waits for no answer.
KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}

GREETING = b"SSH-"

logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # its messages quote what the other side says


@contextmanager
def connected(target: SshTarget, login: Login) -> Iterator[paramiko.Transport]:
    """A transport that is logged in, closed at the end. Raises SshFailure, or InvalidInput about the key."""
    key = read_private_key(login.private_key, login.passphrase) if login.private_key else None
    transport = _handshake(target)
    try:
        _judge_host_key(transport, target)
        _log_in(transport, target, key, login.password)
        yield transport
    finally:
        transport.close()


def probe_host_key(target: SshTarget) -> str:
    """The fingerprint (`SHA256:…`) of the host key that a machine shows. Nothing is sent that proves anybody."""
    transport = _handshake(target)
    try:
        return fingerprint(transport.get_remote_server_key())
    finally:
        transport.close()


def fingerprint(key: paramiko.PKey) -> str:
    """As `ssh-keygen -lf` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def _handshake(target: SshTarget) -> paramiko.Transport:
    connection = _dial(target)
    try:
        _expect_greeting(connection, target)
        transport = paramiko.Transport(connection)
    except BaseException:
        connection.close()
        raise
    try:
        _exchange_keys(transport, target)
    except BaseException:
        transport.close()
        raise
    return transport


def _dial(target: SshTarget) -> socket.socket:
    """Connect to an address that may be called; the name is resolved once."""
    deadline = time.monotonic() + CONNECT_SECONDS
    try:
        connection = open_to(targets.find(target.host, target.port, deadline), deadline)
    except CallFailed as failure:
        raise _unreachable(target, failure) from None
    _keep_alive(connection)
    return connection


def _unreachable(target: SshTarget, failure: CallFailed) -> SshFailure:
    where = f"{target.host} port {target.port}"
    sentences = {
        CallCode.UNKNOWN_HOST: (SshFault.DNS, f"{target.host} does not resolve to an address"),
        CallCode.TARGET_DENIED: (SshFault.TARGET_DENIED, str(failure)),
        CallCode.REFUSED: (SshFault.REFUSED, f"{where} refused the connection: no SSH server listens there"),
        CallCode.TIMEOUT: (
            SshFault.TCP_TIMEOUT,
            f"{where} did not answer within {CONNECT_SECONDS:.0f} s: something drops the packets",
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


def _expect_greeting(connection: socket.socket, target: SshTarget) -> None:
    """Look at the first bytes before paramiko does: it has one text for silence, hanging up and nonsense."""
    deadline = time.monotonic() + GREETING_SECONDS
    first = b""
    while len(first) < len(GREETING):
        try:
            connection.settimeout(max(deadline - time.monotonic(), 0.01))
            seen = connection.recv(len(GREETING), socket.MSG_PEEK)
        except TimeoutError as failure:
            sentence = f"{target.host} accepted the connection but sent no SSH greeting in {GREETING_SECONDS:.0f} s"
            raise SshFailure(SshFault.BANNER_TIMEOUT, sentence) from failure
        except OSError:
            seen = b""
        if not seen:
            raise SshFailure(SshFault.CLOSED_EARLY, f"{target.host} closed the connection before the SSH greeting")
        if len(seen) == len(first):  # what is there already is seen again and again: wait for more
            time.sleep(0.02)
        first = seen
    if first != GREETING:
        raise _not_ssh(target)


def _not_ssh(target: SshTarget) -> SshFailure:
    return SshFailure(SshFault.NOT_SSH, f"Port {target.port} on {target.host} answers, but not as an SSH server")


def _exchange_keys(transport: paramiko.Transport, target: SshTarget) -> None:
    transport.banner_timeout = GREETING_SECONDS
    transport.handshake_timeout = KEX_SECONDS
    transport.auth_timeout = LOGIN_SECONDS
    try:
        transport.start_client(timeout=GREETING_SECONDS + KEX_SECONDS)
    except (paramiko.SSHException, OSError, EOFError) as failure:
        raise _kex_failure(target, str(failure)) from None
    if not (transport.is_active() and transport.initial_kex_done):
        sentence = f"{target.host} did not finish the SSH handshake within {KEX_SECONDS:.0f} s"
        raise SshFailure(SshFault.KEX_TIMEOUT, sentence)


def _kex_failure(target: SshTarget, said: str) -> SshFailure:
    lowered = said.lower()
    if "banner" in lowered:
        return _not_ssh(target)
    if "incompatible" in lowered or "no acceptable" in lowered:
        return SshFailure(SshFault.KEX_FAILED, f"{target.host} offers no SSH algorithms that are safe today")
    return SshFailure(SshFault.KEX_TIMEOUT, f"{target.host} broke off the SSH handshake")


def _judge_host_key(transport: paramiko.Transport, target: SshTarget) -> None:
    seen = fingerprint(transport.get_remote_server_key())
    if not target.pins:
        sentence = f"The host key of {target.host} is not known yet: {seen}"
        raise SshFailure(SshFault.HOST_KEY_UNKNOWN, sentence, seen)
    if not any(hmac.compare_digest(seen, pin) for pin in target.pins):
        sentence = f"The host key of {target.host} changed: expected {target.pins[0]}, got {seen}. Nothing was sent."
        raise SshFailure(SshFault.HOST_KEY_CHANGED, sentence, seen)


def _log_in(transport: paramiko.Transport, target: SshTarget, key: paramiko.PKey | None, password: str) -> None:
    methods: list[str] = []
    try:
        if key is not None and _accepted(lambda: transport.auth_publickey(target.user, key), methods):
            return
        if password and _accepted(lambda: transport.auth_password(target.user, password), methods):
            return
    except (paramiko.SSHException, OSError, EOFError) as failure:
        if "timeout" in str(failure).lower():
            sentence = f"{target.host} did not answer the login of {target.user} within {LOGIN_SECONDS:.0f} s"
            raise SshFailure(SshFault.AUTH_TIMEOUT, sentence) from None
        raise SshFailure(SshFault.CONNECTION_LOST, f"{target.host} hung up during the login") from None
    offered = " and the ".join(name for name, given in (("key", key), ("password", password)) if given) or "nothing"
    allowed = f"; it allows: {', '.join(methods)}" if methods else ""
    raise SshFailure(SshFault.AUTH_FAILED, f"{target.host} did not accept the {offered} for {target.user}{allowed}")


def _accepted(attempt: Callable[[], list[str]], methods: list[str]) -> bool:
    try:
        attempt()
    except paramiko.BadAuthenticationType as refusal:
        methods[:] = refusal.allowed_types
    except paramiko.AuthenticationException as refusal:
        if "timeout" in str(refusal).lower():
            raise
    else:
        return True
    return False
