"""What a person may set in the environment when starting Muster on one machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from standalone.errors import StandaloneError

HELP = """\
Runs all of Muster on this machine: embedded Postgres and Redis, web, Celery worker, beat, Flower and a local node.

environment:
  PORT          where the dashboard and the API listen (default 3100)
  HOST          the address they listen on (default 127.0.0.1: this machine only)
  MUSTER_HOME   the state folder: data, passwords, logs (default ~/.muster)
  LOCAL_NODE    0: do not run a worker node on this machine
  CLUSTER_AUTH  off: no sign-in, whoever reaches the address is an admin (default on: each start shows a sign-in link)
  DATABASE_URL  use this Postgres instead of an embedded one
  REDIS_URL     use this Redis instead of an embedded one
  PG_BIN        a folder with other Postgres programs to embed
  REDIS_SERVER_BIN  another redis-server or valkey-server program to embed

A second start with the same MUSTER_HOME keeps all data. Ctrl-C stops everything."""


@dataclass(frozen=True)
class StandaloneSettings:
    """The choices for this start. None for a URL means: embed that server."""

    host: str = "127.0.0.1"
    port: int = 3100
    home: Path = Path("~/.muster")
    local_node: bool = True
    database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> StandaloneSettings:
        """Read and check the environment; raises StandaloneError with a sentence that names the variable."""
        return cls(
            host=environ.get("HOST", "").strip() or cls.host,
            port=_port(environ.get("PORT", "").strip()),
            home=Path(environ.get("MUSTER_HOME", "").strip() or cls.home),
            local_node=_switch(environ.get("LOCAL_NODE", "").strip()),
            database_url=environ.get("DATABASE_URL", "").strip() or None,
            redis_url=environ.get("REDIS_URL", "").strip() or None,
        )

    @property
    def base_url(self) -> str:
        """Where a program on this machine reaches the web process."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def _port(raw: str) -> int:
    if not raw:
        return StandaloneSettings.port
    if not raw.isdecimal() or not 1 <= int(raw) <= 65535:
        raise StandaloneError(f"PORT must be a whole number from 1 to 65535, not {raw!r}.")
    return int(raw)


def _switch(raw: str) -> bool:
    if raw.lower() in ("", "1", "true", "yes", "on"):
        return True
    if raw.lower() in ("0", "false", "no", "off"):
        return False
    raise StandaloneError(f"LOCAL_NODE must be 1 or 0, not {raw!r}.")
