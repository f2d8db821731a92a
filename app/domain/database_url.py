"""Connection settings for Postgres: tuned by where it runs and by which process asks."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

Role = Literal["web", "worker", "beat", "release"]
Kind = Literal[
    "supabase_session",
    "supabase_transaction",
    "supabase_direct",
    "neon_pooled",
    "neon_direct",
    "heroku",
    "rds",
    "plain",
]

EXAMPLE = "postgresql://user:password@host:5432/name"
OTHER_DATABASES = {
    "sqlite": "SQLite",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "mssql": "SQL Server",
    "oracle": "Oracle",
    "mongodb": "MongoDB",
    "redis": "Redis",
}
STATEMENT_TIMEOUT_MS = 3000
# Connections (kept open, and more under load) of one process.
POOLS: dict[Role, tuple[int, int]] = {"web": (5, 5), "worker": (2, 1), "beat": (1, 0), "release": (1, 0)}
# Small plans allow 15 to 20 connections in all, and each of ours counts there.
SMALL_WEB_POOL = (3, 2)
SCARCE: frozenset[Kind] = frozenset({"supabase_session", "heroku"})
# Poolers drop idle connections, and Neon goes to rest after five minutes: be first to replace them.
RECYCLE_SECONDS = 240
STEADY_RECYCLE_SECONDS = 1800
STEADY: frozenset[Kind] = frozenset({"supabase_direct", "rds", "plain"})
PGBOUNCER_PORT = 6432
# Words that ORMs of other languages put into an address; the Postgres client refuses them.
FOREIGN_WORDS = frozenset({"pgbouncer", "connection_limit", "pool_timeout", "schema", "statement_cache_size", "supa"})
ADVICE: dict[Kind, str] = {
    "supabase_transaction": "port 6543 is a pooler in transaction mode; use port 5432 of the same host",
    "neon_pooled": "the host is a pooler in transaction mode; use the host name without -pooler",
    "plain": "the address is a connection pooler; use the address of Postgres itself",
}


class DatabaseUrlError(ValueError):
    """The database URL cannot be used. The sentence never repeats any part of it that may be secret."""


@dataclass(frozen=True)
class DatabaseConfig:
    """What SQLAlchemy needs for one process. `url` holds the password, so it is never shown.

    `direct_needed`: this role holds a session's advisory lock, which the pooler at this address would
    lose; `advice` says what to do, and is empty otherwise.
    """

    url: str = field(repr=False)
    kind: Kind
    pool_size: int
    max_overflow: int
    pool_recycle: int
    connect_args: dict[str, Any]
    direct_needed: bool
    advice: str


def smart_db_config(url: str, role: Role) -> DatabaseConfig:
    """The settings for this database and role. What the URL itself says (sslmode, options…) wins.

    Raises DatabaseUrlError.
    """
    parts = _split(url.strip())
    said = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in FOREIGN_WORDS]
    kind = _kind(parts)
    pooler = _shares_sessions(kind, parts)
    size, overflow = SMALL_WEB_POOL if role == "web" and kind in SCARCE else POOLS[role]
    ours = _connect_args(kind, role, takes_options=not pooler and _takes_options(kind, parts))
    direct_needed = pooler and role == "beat"
    return DatabaseConfig(
        url=_rebuilt(parts, said),
        kind=kind,
        pool_size=size,
        max_overflow=overflow,
        pool_recycle=STEADY_RECYCLE_SECONDS if kind in STEADY and not pooler else RECYCLE_SECONDS,
        connect_args={word: value for word, value in ours.items() if word not in dict(said)},
        direct_needed=direct_needed,
        advice=f"Beat needs a session of its own: {ADVICE.get(kind, ADVICE['plain'])}" if direct_needed else "",
    )


def _split(url: str) -> SplitResult:
    """The parts of the address, all checked."""
    if not url:
        raise DatabaseUrlError(f"The database URL is empty; it must look like {EXAMPLE}")
    scheme, slashes, _ = url.partition("://")
    name = scheme.partition("+")[0].lower()
    if name in OTHER_DATABASES:
        raise DatabaseUrlError(
            f"{OTHER_DATABASES[name]} cannot be used, only PostgreSQL can: the database URL must look like {EXAMPLE}"
        )
    if not slashes or name not in ("postgres", "postgresql"):
        raise DatabaseUrlError(f"The database URL must begin with postgresql:// and look like {EXAMPLE}")
    parts = _parsed(url)
    if parts is None:
        raise DatabaseUrlError(
            "The database URL cannot be read: give one host and a port from 1 to 65535, and percent-encode "
            "each of @ : / ? # [ ] in the password (%2F for /)"
        )
    if not parts.path.strip("/"):
        raise DatabaseUrlError(f"The database URL names no database; it must end like {EXAMPLE}")
    return parts


def _parsed(url: str) -> SplitResult | None:
    """None when it cannot be read. Python's own errors repeat the address, so they go no further than here."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return None
    misread_password = "@" in parts.path or parts.fragment or ("@" in url and "@" not in parts.netloc)
    if misread_password or port == 0 or not re.fullmatch(r"[\w.:-]*", host, re.ASCII):
        return None
    return parts


def _kind(parts: SplitResult) -> Kind:
    host = parts.hostname or ""
    if host.endswith(".pooler.supabase.com"):
        return "supabase_transaction" if parts.port == 6543 else "supabase_session"
    if host.endswith((".supabase.co", ".supabase.com")):
        return "supabase_transaction" if parts.port == 6543 else "supabase_direct"
    if host.endswith((".neon.tech", ".neon.build")):
        return "neon_pooled" if host.partition(".")[0].endswith("-pooler") else "neon_direct"
    if _is_heroku(host, parts):
        return "heroku"
    if host.endswith((".rds.amazonaws.com", ".rds.amazonaws.com.cn")):
        return "rds"
    return "plain"


def _is_heroku(host: str, parts: SplitResult) -> bool:
    """Heroku's databases are on Amazon's hosts; their generated names of database and user tell them apart."""
    database = re.fullmatch(r"/d(?=.*\d)[0-9a-z]{9,}", parts.path)
    user = re.fullmatch(r"u(?=.*\d)[0-9a-z]{9,}|[a-z]{14}", parts.username or "")
    own = re.fullmatch(r"(ec2-|c[0-9a-z]+\.cluster-).*\.amazonaws\.com", host)
    return bool(own and database and user)


def _shares_sessions(kind: Kind, parts: SplitResult) -> bool:
    """Whether a pooler hands one session to many clients, which loses advisory locks and start-up options."""
    if kind in ("supabase_transaction", "neon_pooled"):
        return True
    return parts.port == PGBOUNCER_PORT or ("pgbouncer", "true") in parse_qsl(parts.query)


def _takes_options(kind: Kind, parts: SplitResult) -> bool:
    """Whether start-up options reach Postgres: Supabase's pooler drops them, Amazon's RDS Proxy refuses them."""
    return kind != "supabase_session" and not (kind == "rds" and ".proxy-" in (parts.hostname or ""))


def _connect_args(kind: Kind, role: Role, takes_options: bool) -> dict[str, Any]:
    """Arguments of libpq. A peer that is gone is noticed within about a minute, and at once while sending."""
    args: dict[str, Any] = {
        "connect_timeout": 10 if kind.startswith("neon") else 5,  # Neon may have to wake up first
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "application_name": f"muster-{role}",
    }
    if kind != "plain":
        args["sslmode"] = "require"  # these hosts all speak TLS, and most refuse anything else
    if role == "web" and takes_options:
        args["options"] = f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
    return args


def _rebuilt(parts: SplitResult, query: list[tuple[str, str]]) -> str:
    """The same address for SQLAlchemy and for libpq: our driver, and every reserved character encoded."""
    host = parts.hostname or ""
    address = f"[{host}]" if ":" in host else host
    if parts.port:
        address += f":{parts.port}"
    if parts.username is not None:
        login = quote(unquote(parts.username), safe="")
        if parts.password is not None:
            login += f":{quote(unquote(parts.password), safe='')}"
        address = f"{login}@{address}"
    tail = f"?{urlencode(query, quote_via=quote)}" if query else ""
    return f"postgresql+psycopg2://{address}{parts.path}{tail}"
