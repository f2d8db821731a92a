"""Every setting of the control plane, and the only file of it that reads settings from the environment."""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

Network = IPv4Network | IPv6Network
SHORTEST_KEY = 32  # characters
AGENT_PACKAGE = "@agenticmail/enterprise"
# An npm package with or without its exact version, as npm itself takes it; never a URL and never an option.
PACKAGE = re.compile(r"(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*(@[0-9]+(\.[0-9]+){2}([-+][0-9A-Za-z.+-]+)?)?")


class SettingsError(ValueError):
    """A setting is missing or wrong; the sentence names the variable."""


@dataclass(frozen=True)
class Settings:
    """What a deployment decides. The defaults of the times are promises to clients."""

    database_url: str
    redis_url: str
    broker_url: str = field(default="", repr=False)  # of Celery's messages; empty: Redis carries them too
    host: str = "0.0.0.0"  # noqa: S104 - a server answers the network; the standalone narrows it to loopback
    port: int = 3100
    web_processes: int = 1
    heartbeat_interval: timedelta = timedelta(seconds=30)
    offline_after: timedelta = timedelta(seconds=90)
    deaf_after: timedelta = timedelta(seconds=15)
    stale_check_interval: timedelta = timedelta(seconds=15)
    stream_keep_alive: timedelta = timedelta(seconds=15)
    upgrade_deadline: timedelta = timedelta(seconds=60)  # a new daemon that is not heard for so long is taken back
    job_lease: timedelta = timedelta(seconds=60)  # a runner that is silent for so long is believed dead
    deploys_at_once: int = 8  # of one request for many machines
    answer_within: timedelta = timedelta(seconds=6)
    body_timeout: timedelta = timedelta(seconds=10)
    # Beyond what a node is degraded; CPU and memory for so many heartbeats in a row.
    issue_cpu_percent: int = 90
    issue_memory_percent: int = 90
    issue_disk_percent: int = 90
    issue_beats: int = 3
    issue_clock_off: timedelta = timedelta(seconds=30)
    agent_not_advancing: timedelta = timedelta(minutes=30)  # since the last progress of an agent that tells of any
    min_daemon_version: tuple[int, ...] = (0, 1, 0)
    cluster_auth: bool = True
    node_credential_life: timedelta = timedelta(hours=24)
    session_idle: timedelta = timedelta(hours=12)
    session_life: timedelta = timedelta(days=7)
    secret_key: str = field(default="", repr=False)  # encrypts what must be stored but not readable in the database
    former_secret_key: str = field(default="", repr=False)  # still opens what it sealed, and seals nothing
    worker_program: Path = Path(__file__).parent / "build" / "worker.pyz"  # what machines fetch to become nodes
    # How an agent without a command of its own is started; {id} stands for its id.
    agent_command: tuple[str, ...] = ("agenticmail-enterprise", "agent", "--id", "{id}")
    # The npm package of the agents, or the path of a .tgz or folder; empty: the command above is on the nodes already.
    agent_package: str = AGENT_PACKAGE
    bundle_dir: Path = field(default_factory=lambda: _cache({}))  # where runtimes for nodes are built and kept
    worker_database_url: str = field(default="", repr=False)  # written to nodes only when an operator sets it
    flower_url: str = field(default="", repr=False)  # where the web process reads Flower's pages for admins
    public_url: str = ""  # how people reach us, such as https://muster.example.com; empty when nobody said
    allowed_hosts: tuple[str, ...] = ()  # empty: what `host` implies
    trusted_proxies: tuple[Network, ...] = ()
    requests_per_minute: int = 1200  # of one person, script or node; heartbeats do not count
    # Where calls to nodes may go: an empty list allows all that is not denied; ports are pairs of first and last.
    node_calls_allow: tuple[Network, ...] = ()
    node_calls_deny: tuple[Network, ...] = ()
    node_calls_ports: tuple[tuple[int, int], ...] = ((1, 65535),)
    node_calls_loopback: bool = False

    @property
    def celery_broker(self) -> str:
        """Where Celery's messages go."""
        return self.broker_url or self.redis_url

    @property
    def own_url(self) -> str:
        """The public address, or else where a browser on this machine reaches the control plane."""
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return self.public_url or f"http://{f'[{here}]' if ':' in here else here}:{self.port}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read and check the environment. Raises SettingsError with a sentence that names the variable."""
        made = cls(
            database_url=_required(environ, "DATABASE_URL", "postgresql://user:password@host:5432/name"),
            redis_url=_required(environ, "REDIS_URL", "redis://host:6379/0"),
            broker_url=_broker(environ),
            host=environ.get("HOST") or cls.host,
            port=_number(environ, "PORT", cls.port, 1, 65535),
            web_processes=_number(environ, "WEB_CONCURRENCY", cls.web_processes, 1, 64),
            heartbeat_interval=_seconds(environ, "HEARTBEAT_INTERVAL", cls.heartbeat_interval),
            offline_after=_seconds(environ, "OFFLINE_AFTER", cls.offline_after),
            deaf_after=_seconds(environ, "DEAF_AFTER", cls.deaf_after),
            stale_check_interval=_seconds(environ, "STALE_CHECK_INTERVAL", cls.stale_check_interval),
            stream_keep_alive=_seconds(environ, "STREAM_KEEP_ALIVE", cls.stream_keep_alive),
            upgrade_deadline=_seconds(environ, "UPGRADE_DEADLINE", cls.upgrade_deadline),
            job_lease=_seconds(environ, "JOB_LEASE", cls.job_lease),
            deploys_at_once=_number(environ, "DEPLOYS_AT_ONCE", cls.deploys_at_once, 1, 64),
            body_timeout=_seconds(environ, "BODY_TIMEOUT", cls.body_timeout),
            cluster_auth=_switch(environ, "CLUSTER_AUTH", cls.cluster_auth),
            node_credential_life=timedelta(hours=_number(environ, "NODE_CREDENTIAL_HOURS", 24, 1, 8760)),
            session_idle=timedelta(minutes=_number(environ, "SESSION_IDLE_MINUTES", 12 * 60, 1, 30 * 24 * 60)),
            session_life=timedelta(hours=_number(environ, "SESSION_LIFE_HOURS", 7 * 24, 1, 365 * 24)),
            secret_key=_from_file_too(environ, "SECRET_KEY"),
            former_secret_key=_from_file_too(environ, "FORMER_SECRET_KEY"),
            worker_program=Path(environ.get("WORKER_PROGRAM", "").strip() or cls.worker_program),
            agent_command=tuple(shlex.split(environ.get("AGENT_COMMAND", ""))) or cls.agent_command,
            agent_package=_package(environ),
            bundle_dir=Path(environ.get("BUNDLE_DIR", "").strip() or _cache(environ)),
            worker_database_url=environ.get("WORKER_DATABASE_URL", "").strip(),
            flower_url=environ.get("FLOWER_URL", "").strip(),
            public_url=_public_url(environ, "PUBLIC_URL"),
            allowed_hosts=_hosts(environ, "ALLOWED_HOSTS"),
            trusted_proxies=_networks(environ, "TRUSTED_PROXIES"),
            requests_per_minute=_number(environ, "REQUESTS_PER_MINUTE", cls.requests_per_minute, 10, 1_000_000),
            **_node_calls(environ),
            **_issue_limits(environ),
        )
        made._check()
        return made

    def _check(self) -> None:
        if self.offline_after < 2 * self.heartbeat_interval:
            raise SettingsError("OFFLINE_AFTER must be at least twice HEARTBEAT_INTERVAL, or healthy nodes flap")
        if self.deaf_after >= self.offline_after:
            raise SettingsError("DEAF_AFTER must be less than OFFLINE_AFTER, or our own outages count against nodes")
        for name, key in (("SECRET_KEY", self.secret_key), ("FORMER_SECRET_KEY", self.former_secret_key)):
            if 0 < len(key) < SHORTEST_KEY:
                raise SettingsError(f"{name} must have at least {SHORTEST_KEY} characters: `openssl rand -base64 32`")


def _node_calls(environ: Mapping[str, str]) -> dict[str, Any]:
    """Where calls to nodes may go."""
    loopback = int(Settings.node_calls_loopback)
    return {
        "node_calls_allow": _networks(environ, "NODE_CALLS_ALLOW"),
        "node_calls_deny": _networks(environ, "NODE_CALLS_DENY"),
        "node_calls_ports": _ports(environ, "NODE_CALLS_PORTS", Settings.node_calls_ports),
        "node_calls_loopback": _number(environ, "NODE_CALLS_LOOPBACK", loopback, 0, 1) == 1,
    }


def _issue_limits(environ: Mapping[str, str]) -> dict[str, Any]:
    """Beyond what a node is degraded."""
    still = round(Settings.agent_not_advancing.total_seconds() / 60)
    return {
        "issue_cpu_percent": _number(environ, "ISSUE_CPU_PERCENT", Settings.issue_cpu_percent, 1, 100),
        "issue_memory_percent": _number(environ, "ISSUE_MEMORY_PERCENT", Settings.issue_memory_percent, 1, 100),
        "issue_disk_percent": _number(environ, "ISSUE_DISK_PERCENT", Settings.issue_disk_percent, 1, 100),
        "issue_beats": _number(environ, "ISSUE_BEATS", Settings.issue_beats, 1, 100),
        "issue_clock_off": _seconds(environ, "ISSUE_CLOCK_SECONDS", Settings.issue_clock_off),
        "agent_not_advancing": timedelta(minutes=_number(environ, "AGENT_NOT_ADVANCING_MINUTES", still, 1, 525_600)),
    }


def _required(environ: Mapping[str, str], name: str, example: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set; give a URL such as {example}, or start with `make run`")
    return value


def _broker(environ: Mapping[str, str]) -> str:
    raw = environ.get("BROKER_URL", "").strip()
    if raw and not raw.startswith(("amqp://", "amqps://", "redis://", "rediss://")):
        raise SettingsError("BROKER_URL must be RabbitMQ's or Redis's, such as amqp://user:password@host:5672/vhost")
    return raw


def _number(environ: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    raw = environ.get(name, "").strip()
    if not raw:
        return default
    if not raw.isdecimal() or not lowest <= int(raw) <= highest:
        raise SettingsError(f"{name} must be a whole number from {lowest} to {highest}")
    return int(raw)


def _seconds(environ: Mapping[str, str], name: str, default: timedelta) -> timedelta:
    return timedelta(seconds=_number(environ, name, round(default.total_seconds()), 1, 86400))


def _switch(environ: Mapping[str, str], name: str, default: bool) -> bool:
    raw = environ.get(name, "").strip().lower()
    if raw not in ("", "on", "off"):
        raise SettingsError(f"{name} must be on or off")
    return raw == "on" if raw else default


def _from_file_too(environ: Mapping[str, str], name: str) -> str:
    """A secret, or the content of the file that <name>_FILE names."""
    path = environ.get(f"{name}_FILE", "").strip()
    if not path:
        return environ.get(name, "").strip()
    try:
        return Path(path).read_text().strip()
    except OSError as failure:
        raise SettingsError(f"{name}_FILE cannot be read ({failure.strerror})") from failure


def _networks(environ: Mapping[str, str], name: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in environ.get(name, "").split(",") if part.strip())
    except ValueError:
        sentence = f"{name} must be networks with commas between them, such as 10.0.0.0/8,fd00::/8"
        raise SettingsError(f"{sentence} (no host bits set)") from None


def _package(environ: Mapping[str, str]) -> str:
    raw = environ.get("AGENT_PACKAGE", "").strip()
    if not raw:  # somebody who names a command alone has it on the nodes
        return "" if environ.get("AGENT_COMMAND", "").strip() else AGENT_PACKAGE
    if raw == "none":
        return ""
    if not PACKAGE.fullmatch(raw) and not Path(raw).is_absolute():
        raise SettingsError(
            "AGENT_PACKAGE must be a package such as @agenticmail/enterprise@1.2.3, with its whole version or with "
            "none (no tag such as @latest, no range), the absolute path of a .tgz or folder, or none"
        )
    return raw


def _cache(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_CACHE_HOME", "").strip() or Path("~/.cache").expanduser()
    return Path(base) / "muster" / "runtimes"


def _public_url(environ: Mapping[str, str], name: str) -> str:
    raw = environ.get(name, "").strip().rstrip("/").lower()
    if raw and not re.fullmatch(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", raw, re.ASCII):
        raise SettingsError(f"{name} must be a scheme and a host, such as https://muster.example.com")
    return raw.removesuffix(":443" if raw.startswith("https:") else ":80")


def _hosts(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = tuple(part.strip().lower() for part in environ.get(name, "").split(",") if part.strip())
    if not all(re.fullmatch(r"(\*\.)?[a-z0-9_-][a-z0-9._-]*|\[[0-9a-f:.]+\]", one, re.ASCII) for one in found):
        raise SettingsError(f"{name} must be names without ports, such as muster.example.com,*.example.org,10.0.0.5")
    return found


def _ports(environ: Mapping[str, str], name: str, default: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    parts = [part.strip() for part in environ.get(name, "").split(",") if part.strip()]
    pairs = [(first, last if dash else first) for first, dash, last in (part.partition("-") for part in parts)]
    for pair in pairs:
        if not all(re.fullmatch("[0-9]{1,5}", one) for one in pair) or not 1 <= int(pair[0]) <= int(pair[1]) <= 65535:
            raise SettingsError(f"{name} must be ports or ranges from 1 to 65535, such as 1024-65535,443")
    return tuple((int(first), int(last)) for first, last in pairs) or default
