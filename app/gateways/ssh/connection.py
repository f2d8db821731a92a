"""A connection in named phases (address, greeting, key exchange, host key, login): each can fail in its own way only.

The host key is judged before anything that proves the user is sent. No agent, no key files, no configuration of
this machine is used.
"""

import base64
import hashlib
import hmac
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import paramiko

from app.domain.deploying.ssh import Login, SshFailure, SshFault, SshTarget
from app.gateways.ssh import limits
from app.gateways.ssh.dialing import Connection, dial, expect_allowed, expect_greeting, not_ssh
from app.gateways.ssh.keys import read_private_key
from app.gateways.ssh.tunnel import lost, open_tunnel
from app.gateways.ssh.turns import turn

logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # its messages quote what the other side says


@contextmanager
def connected(target: SshTarget, login: Login) -> Iterator[paramiko.Transport]:
    """A transport that is logged in, closed at the end. Raises SshFailure, or InvalidInput about the key."""
    key = read_private_key(login.private_key, login.passphrase) if login.private_key else None
    with ExitStack() as waiting:
        waiting.enter_context(turn(target))
        with _handshake(target, login) as transport:
            _judge_host_key(transport, target)
            _log_in(transport, target, key, login.password)
            waiting.close()
            yield transport


def probe_host_key(target: SshTarget, login: Login) -> str:
    """The fingerprint (`SHA256:…`) of the host key that a machine shows. Nothing is sent that proves anybody.

    Only a bastion on the way is logged in to. Raises SshFailure, or InvalidInput about the key.
    """
    with _handshake(target, login) as transport:
        return fingerprint(transport.get_remote_server_key())


def fingerprint(key: paramiko.PKey) -> str:
    """As `ssh-keygen -lf` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


@contextmanager
def _handshake(target: SshTarget, login: Login) -> Iterator[paramiko.Transport]:
    with _way(target, login) as connection:
        expect_greeting(connection, target)
        transport = paramiko.Transport(connection)  # type: ignore[arg-type]
        try:
            _exchange_keys(transport, target)
            yield transport
        finally:
            transport.close()


@contextmanager
def _way(target: SshTarget, login: Login) -> Iterator[Connection]:
    """A connection to the machine's port, by way of its bastion if there is one."""
    if target.bastion is None:
        with closing(dial(target)) as connection:
            yield connection
        return
    expect_allowed(target)
    with ExitStack() as way:
        try:
            bastion = way.enter_context(connected(target.bastion, login.bastion or login))
        except SshFailure as failure:
            raise failure.of_bastion() from None
        with closing(open_tunnel(bastion, target, target.bastion)) as tunnel:
            try:
                yield tunnel
            except SshFailure as failure:
                raise _whose(failure, bastion, target.bastion) from None


def _whose(failure: SshFailure, bastion: paramiko.Transport, where: SshTarget) -> SshFailure:
    """A connection that was lost because that to the bastion was is a fault of the bastion."""
    if failure.fault is not SshFault.CONNECTION_LOST:
        return failure
    bastion.join(limits.NOTICED_SECONDS)
    return failure if bastion.is_active() else lost(where).of_bastion()


def _exchange_keys(transport: paramiko.Transport, target: SshTarget) -> None:
    transport.banner_timeout = limits.GREETING_SECONDS
    transport.handshake_timeout = limits.KEX_SECONDS
    transport.auth_timeout = limits.LOGIN_SECONDS
    try:
        transport.start_client(timeout=limits.GREETING_SECONDS + limits.KEX_SECONDS)
    except (paramiko.SSHException, OSError, EOFError) as failure:
        raise _kex_failure(target, str(failure)) from None
    if not (transport.is_active() and transport.initial_kex_done):
        sentence = f"{target.host} did not finish the SSH handshake within {limits.KEX_SECONDS:.0f} s"
        raise SshFailure(SshFault.KEX_TIMEOUT, sentence)


def _kex_failure(target: SshTarget, said: str) -> SshFailure:
    lowered = said.lower()
    if "banner" in lowered:
        return not_ssh(target)
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
            sentence = f"{target.host} did not answer the login of {target.user} within {limits.LOGIN_SECONDS:.0f} s"
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
