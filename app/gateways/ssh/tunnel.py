"""A connection that a bastion makes for us: what arrives there is forwarded over its SSH connection."""

import socket

import paramiko

from app.domain.deploying.ssh import SshFailure, SshFault, SshTarget
from app.gateways.ssh import limits

PROHIBITED, UNKNOWN_KIND = 1, 3  # reasons of RFC 4254, 5.1; 2 is a connection that failed, 4 a lack of room


class Tunnel:
    """A channel of the bastion as the socket that paramiko wants; what was only looked at comes again."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel, self._seen = channel, b""

    @property
    def _closed(self) -> bool:
        """As of a socket: paramiko looks at it."""
        return bool(self._channel.closed)

    def recv(self, count: int, flags: int = 0) -> bytes:
        """As of a socket; with MSG_PEEK, all that was seen so far, and more if more is wanted."""
        if flags & socket.MSG_PEEK:
            more = self._channel.recv(count - len(self._seen))
            self._seen += more
            return self._seen if more else b""
        seen, self._seen = self._seen[:count], self._seen[count:]
        return seen or self._channel.recv(count)

    def send(self, data: bytes) -> int:
        """As of a socket."""
        return self._channel.send(data)

    def settimeout(self, seconds: float) -> None:
        """As of a socket."""
        self._channel.settimeout(seconds)

    def close(self) -> None:
        """As of a socket."""
        self._channel.close()


def open_tunnel(bastion: paramiko.Transport, target: SshTarget, via: SshTarget) -> Tunnel:
    """Let the bastion connect to a machine. Raises SshFailure, of the bastion when it does not do so for anybody."""
    where = (target.host, target.port)
    try:
        channel = bastion.open_channel("direct-tcpip", where, ("127.0.0.1", 0), timeout=limits.CONNECT_SECONDS)
    except paramiko.ChannelException as refusal:
        raise _refused(refusal, target, via) from None
    except (paramiko.SSHException, OSError, EOFError):
        if not bastion.is_active():
            raise lost(via).of_bastion() from None
        sentence = f"{target.host} port {target.port} did not answer {via.host} within {limits.CONNECT_SECONDS:.0f} s"
        raise SshFailure(SshFault.TCP_TIMEOUT, sentence) from None
    return Tunnel(channel)


def lost(target: SshTarget) -> SshFailure:
    """The connection to it is gone."""
    return SshFailure(SshFault.CONNECTION_LOST, f"The connection to {target.host} was lost")


def _refused(refusal: paramiko.ChannelException, target: SshTarget, via: SshTarget) -> SshFailure:
    if refusal.code in (PROHIBITED, UNKNOWN_KIND):
        sentence = f"{via.host} does not forward connections to {target.host} port {target.port}"
        return SshFailure(SshFault.NO_FORWARDING, sentence).of_bastion()
    sentence = f"{via.host} could not connect to {target.host} port {target.port}"
    return SshFailure(SshFault.NOT_REACHED, sentence)
