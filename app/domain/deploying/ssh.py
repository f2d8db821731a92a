"""Where and as whom to work over SSH, and the closed set of ways in which that can fail."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.errors import MusterError

USER = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


class SshFault(StrEnum):
    """What went wrong. These codes are API: never renamed."""

    DNS = "dns"
    TARGET_DENIED = "target_denied"
    REFUSED = "refused"
    NO_ROUTE = "no_route"
    TCP_TIMEOUT = "tcp_timeout"
    CLOSED_EARLY = "closed_early"
    BANNER_TIMEOUT = "banner_timeout"
    NOT_SSH = "not_ssh"
    KEX_TIMEOUT = "kex_timeout"
    KEX_FAILED = "kex_failed"
    HOST_KEY_UNKNOWN = "host_key_unknown"
    HOST_KEY_CHANGED = "host_key_changed"
    AUTH_FAILED = "auth_failed"
    AUTH_TIMEOUT = "auth_timeout"
    NO_SHELL = "no_shell"
    CONNECTION_LOST = "connection_lost"
    STALLED = "stalled"
    TIME_LIMIT = "time_limit"
    DISK_FULL = "disk_full"
    SUDO_PASSWORD = "sudo_password"  # noqa: S105 - a fault
    STEP_FAILED = "step_failed"
    PREFLIGHT = "preflight"
    DEPLOY_RUNNING = "deploy_running"
    NOT_REGISTERED = "not_registered"
    NO_FORWARDING = "no_forwarding"
    NOT_REACHED = "not_reached"


# What to try next, for the person who reads the failure.
ADVICE: dict[SshFault, str] = {
    SshFault.DNS: "Check the spelling of the host, or use its IP address",
    SshFault.TARGET_DENIED: "An administrator can allow this address with NODE_CALLS_ALLOW",
    SshFault.REFUSED: "Start an SSH server on the machine, or give the port on which it listens",
    SshFault.NO_ROUTE: "Check the address, and that both machines are in networks that reach each other",
    SshFault.TCP_TIMEOUT: "Open the port in the firewall or security group in front of the machine",
    SshFault.CLOSED_EARLY: "Wait a minute and retry: the machine limits connections or has blocked this address",
    SshFault.BANNER_TIMEOUT: "Look at the SSH server on the machine: it accepts connections but does not speak",
    SshFault.NOT_SSH: "Give the port of the SSH server: another program answers on this one",
    SshFault.KEX_TIMEOUT: "Retry; if it happens again, look at the load and the SSH server of the machine",
    SshFault.KEX_FAILED: "Update the SSH server of the machine: it offers only algorithms that are no longer safe",
    SshFault.HOST_KEY_UNKNOWN: "Compare the fingerprint with the one on the machine's own console, then confirm it",
    SshFault.HOST_KEY_CHANGED: "Confirm the new key only if you know that the machine was reinstalled",
    SshFault.AUTH_FAILED: "Check the user, and that the public key is in ~/.ssh/authorized_keys there",
    SshFault.AUTH_TIMEOUT: "Retry; the machine may be waiting for a directory or a one-time code",
    SshFault.NO_SHELL: "Give the user a login shell on the machine, or use another user",
    SshFault.CONNECTION_LOST: "Retry: what is done already is kept",
    SshFault.STALLED: "Retry; the last lines of the log show what was waited for",
    SshFault.TIME_LIMIT: "Retry: what is done already is kept; look at the slowest step in the log",
    SshFault.DISK_FULL: "Free some space on the machine, then retry",
    SshFault.SUDO_PASSWORD: "Deploy without sudo, or allow this user sudo without a password",
    SshFault.STEP_FAILED: "The last lines of the log show why",
    SshFault.PREFLIGHT: "Mend what the report names on the machine, then retry",
    SshFault.DEPLOY_RUNNING: "Wait for the other deploy, or cancel it",
    SshFault.NOT_REGISTERED: "Look at the last lines of the log, and whether the machine reaches the control plane",
    SshFault.NOT_REACHED: "Check host and port as the jump host sees them, and that an SSH server listens there",
    SshFault.NO_FORWARDING: "Allow TCP forwarding on the jump host (AllowTcpForwarding, PermitOpen), or use another",
}
AT_BASTION = "bastion_"  # before the code of a fault of the jump host itself

# Faults that may pass by themselves: tried again without asking. Never a login or a host key.
PASSING = frozenset(
    {
        SshFault.REFUSED,
        SshFault.NO_ROUTE,
        SshFault.TCP_TIMEOUT,
        SshFault.CLOSED_EARLY,
        SshFault.BANNER_TIMEOUT,
        SshFault.KEX_TIMEOUT,
        SshFault.CONNECTION_LOST,
        SshFault.NOT_REACHED,
    }
)


class SshFailure(MusterError):
    """The machine could not be worked on. Never carries a secret, so it is safe to show."""

    def __init__(self, fault: SshFault, sentence: str, fingerprint: str = "") -> None:
        super().__init__(sentence)
        self.fault = fault
        self.code = str(fault)
        self.fingerprint = fingerprint  # of the host key that was seen, when the fault is about it
        self.at_bastion = False
        self.more = {"advice": ADVICE[fault], **({"fingerprint": fingerprint} if fingerprint else {})}

    def of_bastion(self) -> "SshFailure":
        """The same as a fault of the jump host on the way: in its code, and in its sentence."""
        found = SshFailure(self.fault, f"Jump host: {self}", self.fingerprint)
        found.code, found.at_bastion = AT_BASTION + found.code, True
        return found

    @property
    def advice(self) -> str:
        """What to try next."""
        return ADVICE[self.fault]

    @property
    def passes(self) -> bool:
        """Whether trying again may help without anybody changing anything."""
        return self.fault in PASSING


@dataclass(frozen=True)
class SshTarget:
    """A machine and a user on it. `pins` are the SHA-256 fingerprints of host keys that are trusted.

    With a bastion, the connection to the machine is made by that host, after a login of its own.
    """

    host: str
    user: str
    port: int = 22
    pins: tuple[str, ...] = ()
    bastion: "SshTarget | None" = None

    @property
    def address(self) -> str:
        """Where its SSH server is, as lists of host keys name it."""
        return f"{self.host.lower()}:{self.port}"

    @property
    def shown(self) -> str:
        """How logs name it."""
        via = f" via {self.bastion.shown}" if self.bastion else ""
        return f"{self.user}@{self.host}:{self.port}{via}"


@dataclass(frozen=True)
class Login:
    """What proves the user, in memory only; neither shows up in any text made of it."""

    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    bastion: "Login | None" = field(default=None, repr=False)  # None: the same there

    @property
    def is_there(self) -> bool:
        """Whether it proves anything."""
        return bool(self.private_key or self.password)
