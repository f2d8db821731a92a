"""Every setting of the daemon: what may be set, what is the default, what is wrong with a value."""

from __future__ import annotations

import ipaddress
import os
import platform
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping
from urllib.parse import urlsplit

from node_daemon import worker_env
from node_daemon.errors import SettingsError
from node_daemon.log import LEVELS

API = "/api/engine/cluster"
NODE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\.?")
CAPABILITY = re.compile(r"[a-z0-9][a-z0-9._+:/-]{0,63}")
# The names that Node.js gives, which the control plane and its older clients know.
ARCHES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64", "armv7l": "arm", "i686": "ia32"}


# Not for the agents: they inherit the rest of the environment.
JOIN_TOKEN = ("WORKER_JOIN_TOKEN", "WORKER_JOIN_TOKEN_FILE")


@dataclass(frozen=True)
class Settings:
    """Checked settings. `base_url` may hold a credential: never print it."""

    base_url: str = field(repr=False)
    node_id: str
    name: str
    host: str
    port: int
    bind: str
    capabilities: tuple[str, ...]
    state_dir: Path
    agents_file: Path
    log_level: str
    stop_agents_on_exit: bool
    allow_direct_restart: bool
    environment: Mapping[str, str] = field(repr=False)
    give_up_after: int = 20  # deaths of an agent in a row; 0: never
    join_token: str = field(default="", repr=False)
    join_token_file: Path | None = None
    supervisor: str = "builtin"
    runtime: Path = Path("/nonexistent")  # Node.js and PM2, for the supervisor pm2
    pm2_home: Path = Path("/nonexistent")
    env_file: Path = Path("/nonexistent")

    @property
    def agents_url(self) -> str:
        """Where an agent on this machine says something of itself, before its id."""
        return f"http://{'[::1]' if self.bind == '::1' else '127.0.0.1'}:{self.port}/agents/"

    @property
    def credential_in_url(self) -> bool:
        """Whether ENTERPRISE_URL itself says who we are (/w/<credential>)."""
        return urlsplit(self.base_url).path.startswith("/w/")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment and `~/.agenticmail/worker.env`; the real environment wins.

    Raises SettingsError, whose message names the variable and never shows a value that may be secret.
    """
    real = dict(os.environ if environ is None else environ)
    home = real.get("HOME") or str(Path.home())
    return check({**worker_env.read(worker_env.default_path(home)), **real}, home)


def check(env: Mapping[str, str], home: str) -> Settings:
    """The settings that these variables mean. Raises SettingsError for the first one that is wrong."""
    values = {key: value.strip() for key, value in env.items()}
    base_url = _base_url(values.get("ENTERPRISE_URL", ""))
    host = _host(values.get("WORKER_HOST") or "localhost")
    state_dir = _folder("WORKER_STATE_DIR", values.get("WORKER_STATE_DIR") or str(Path(home) / ".agenticmail"), home)
    agents_file = values.get("WORKER_AGENTS_FILE")
    token_file = values.get("WORKER_JOIN_TOKEN_FILE")
    ours = Path(home) / ".agenticmail"
    return Settings(
        base_url=base_url,
        node_id=_node_id(values.get("WORKER_NODE_ID", "")),
        name=_name(values.get("WORKER_NAME") or socket.gethostname() or "node"),
        host=host,
        port=_port(values.get("PORT") or "3101"),
        bind=_bind(values.get("WORKER_BIND", ""), host),
        capabilities=_capabilities(values.get("WORKER_CAPABILITIES", "")),
        state_dir=state_dir,
        agents_file=_folder("WORKER_AGENTS_FILE", agents_file, home) if agents_file else state_dir / "agents.json",
        log_level=_log_level(values.get("LOG_LEVEL") or "info"),
        stop_agents_on_exit=_switch("WORKER_STOP_AGENTS_ON_EXIT", values.get("WORKER_STOP_AGENTS_ON_EXIT", "")),
        allow_direct_restart=_switch("WORKER_ALLOW_DIRECT_RESTART", values.get("WORKER_ALLOW_DIRECT_RESTART", "")),
        give_up_after=_count("WORKER_GIVE_UP_AFTER", values.get("WORKER_GIVE_UP_AFTER") or "20"),
        environment={key: value for key, value in env.items() if key not in JOIN_TOKEN},
        join_token=values.get("WORKER_JOIN_TOKEN", ""),
        join_token_file=_folder("WORKER_JOIN_TOKEN_FILE", token_file, home) if token_file else None,
        supervisor=_supervisor(values.get("WORKER_SUPERVISOR") or "builtin"),
        runtime=_folder("WORKER_RUNTIME", values.get("WORKER_RUNTIME") or str(ours / "runtime" / "current"), home),
        pm2_home=_folder("WORKER_PM2_HOME", values.get("WORKER_PM2_HOME") or str(ours / "pm2"), home),
        env_file=worker_env.default_path(home),
    )


def this_arch() -> str:
    """The CPU of this machine as Node.js names it ("x64", "arm64")."""
    machine = platform.machine().lower()
    return ARCHES.get(machine, machine or "unknown")


def _base_url(value: str) -> str:
    if not value:
        raise SettingsError("ENTERPRISE_URL is missing: set it to the full URL of the control plane")
    try:
        url = urlsplit(value)
        url.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise SettingsError("ENTERPRISE_URL is not a URL: check its host and port") from None
    if url.scheme not in ("http", "https") or not url.hostname:
        raise SettingsError("ENTERPRISE_URL must be a full URL that starts with http:// or https:// and names a host")
    if url.username is not None or url.password is not None:
        raise SettingsError("ENTERPRISE_URL must not hold a user name or password")
    if url.query or url.fragment:
        raise SettingsError("ENTERPRISE_URL must end with its path: no ? and no #")
    if not all("!" <= letter <= "~" for letter in value):
        raise SettingsError("ENTERPRISE_URL holds a space or another character that no URL may hold")
    return value.rstrip("/") + API


def _node_id(value: str) -> str:
    if not value:
        raise SettingsError("WORKER_NODE_ID is missing: it triggers registration, so give this node a unique id")
    if not NODE_ID.fullmatch(value):
        raise SettingsError("WORKER_NODE_ID must be 2-64 letters, digits or . - _ and start with a letter or digit")
    return value


def _name(value: str) -> str:
    if len(value) > 128 or not value.isprintable():
        raise SettingsError("WORKER_NAME must be at most 128 printable characters")
    return value


def _host(value: str) -> str:
    bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    if _address(bare) is None and not HOST.fullmatch(bare):
        raise SettingsError("WORKER_HOST must be a host name or an IP address, without scheme, port or path")
    return bare


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise SettingsError("PORT must be a number from 1 to 65535")
    return int(value)


def _bind(value: str, host: str) -> str:
    if value:
        if _address(value) is None:
            raise SettingsError("WORKER_BIND must be an IP address, for example 127.0.0.1 or 0.0.0.0")
        return value
    address = _address(host)
    if host.lower() == "localhost" or (address is not None and address.is_loopback):
        return "::1" if address is not None and address.version == 6 else "127.0.0.1"
    # All interfaces: the host name may lead here through any of them.
    return "::" if address is not None and address.version == 6 else "0.0.0.0"  # noqa: S104


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def _capabilities(value: str) -> tuple[str, ...]:
    wanted = [part.strip().lower() for part in value.split(",") if part.strip()]
    if len(wanted) > 100 or not all(CAPABILITY.fullmatch(one) for one in wanted):
        raise SettingsError(
            "WORKER_CAPABILITIES must be at most 100 words of letters, digits and . _ + : / - with commas between them"
        )
    return tuple(dict.fromkeys(wanted))


def _folder(variable: str, value: str, home: str) -> Path:
    path = Path(home + value[1:] if value == "~" or value.startswith("~/") else value)
    if not path.is_absolute():
        raise SettingsError(f"{variable} must be an absolute path")
    return path


def _log_level(value: str) -> str:
    level = {"warning": "warn"}.get(value.lower(), value.lower())
    if level not in LEVELS:
        raise SettingsError("LOG_LEVEL must be debug, info, warn or error")
    return level


def _supervisor(value: str) -> str:
    if value not in ("builtin", "pm2"):
        raise SettingsError("WORKER_SUPERVISOR must be builtin or pm2")
    return value


def _count(variable: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) <= 1_000_000):
        raise SettingsError(f"{variable} must be a number from 0 to 1000000")
    return int(value)


def _switch(variable: str, value: str) -> bool:
    if value not in ("", "0", "1"):
        raise SettingsError(f"{variable} must be 0 or 1")
    return value == "1"
