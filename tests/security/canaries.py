"""Looks for secrets wherever a control plane leaves something, in the forms that they may have there."""

import base64
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg2
import redis

SecretPlaces = dict[str, tuple[str, ...]]  # where a secret may be: once in what begins with one of these names


@cache
def forms(secret: str) -> set[bytes]:
    """Plain, in base64 at each of three offsets, URL-encoded, JSON-escaped, and in hexadecimal as bytea is shown."""
    raw = secret.encode()
    shifted = {base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)}
    return {raw, raw.hex().encode(), quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(), *shifted}


def hits(secrets: dict[str, str], place: str, content: bytes) -> list[str]:
    """Which secrets are there, and where that is."""
    return [f"{name} in {place}" for name in held(secrets, content)]


def held(secrets: dict[str, str], content: bytes) -> list[str]:
    """Which secrets are in there."""
    return [name for name, secret in secrets.items() if any(form in content for form in forms(secret))]


def database(dsn: str) -> Iterator[tuple[str, bytes]]:
    """Each table as text."""
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - our own tables
                yield f"table {table}", "\n".join(map(str, cursor.fetchall())).encode()
    finally:
        connection.close()


def redis_values(url: str) -> Iterator[tuple[str, bytes]]:
    """Each key with what it holds."""
    client = redis.Redis.from_url(url, socket_timeout=5)
    for key in client.scan_iter(count=1000):
        yield f"Redis key {key!r}", key + bytes(client.dump(key) or b"")
        with suppress(redis.ResponseError):  # not a stream; a dump packs its entries
            yield f"Redis stream {key!r}", repr(client.xrange(key)).encode()
    client.close()


def files(folder: Path, *kept: str) -> Iterator[tuple[str, bytes]]:
    """Each file below a folder without its empty stretches, except those whose job is to keep a secret."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and not path.is_symlink() and not name.startswith(kept):
            with suppress(FileNotFoundError):  # a server has just removed it
                yield f"file {name}", path.read_bytes().replace(bytes(64), b"")


def processes(pids: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    """Arguments and environment of these processes and their children."""
    parents = list(pids)
    for pid in {*parents, *(child for parent in parents for child in _children(parent))}:
        for what in ("cmdline", "environ"):
            with suppress(OSError):
                yield f"{what} of a process", Path(f"/proc/{pid}/{what}").read_bytes()


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            yield child
            yield from _children(child)


class Monitor:
    """Every command that Redis is given, from here on."""

    def __init__(self, url: str) -> None:
        self.seen: list[str] = []
        self._client = redis.Redis.from_url(url)
        self._monitor = self._client.monitor().__enter__()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> bytes:
        """Listen no more. All that was seen."""
        self._monitor.connection.disconnect()
        self._thread.join(5)
        self._client.close()
        return "\n".join(self.seen).encode()

    def _listen(self) -> None:
        with suppress(Exception):  # the connection was closed
            for command in self._monitor.listen():
                self.seen.append(command["command"])
