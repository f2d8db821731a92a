"""A Postgres and a Redis of a test's own: killed, stopped, filled, without connections, without writing, as it likes.

They are the servers of `standalone` (so PG_BIN and REDIS_SERVER_BIN count), in a folder of the test.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg2
import redis

from standalone import ports
from standalone.postgres import Postgres
from standalone.process import Process
from standalone.redis_server import RedisServer
from standalone.state import StateFolder
from tests.fleet import until

END_SECONDS = 30.0


class Store:
    """What can be done to either: `process` leads all of its processes."""

    def __init__(self, process: Process, start: Callable[[], None], port: Callable[[], int]) -> None:
        self._process, self._start, self._port = process, start, port

    def start(self) -> None:
        """Start it, where it was before if it was, and wait until it answers."""
        if hasattr(self, "_was_at"):
            until(lambda: ports.is_free(self._was_at), END_SECONDS)
        self._start()
        self._was_at = self._port()

    def kill(self) -> None:
        """End all of its processes without a chance to say goodbye."""
        self._signal(signal.SIGKILL)
        until(lambda: not self._process.is_running(), END_SECONDS)

    def freeze(self) -> None:
        """Stop all of its processes where they are: connections stay, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process.is_running()

    def end(self) -> None:
        """End it for good, in whatever state it is."""
        if self.is_running():
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        leader = psutil.Process(self._process.pid)
        for one in (leader, *leader.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                one.send_signal(number)


class OwnPostgres(Store):
    """Durable, as the promises need it: what was committed is there after a kill."""

    def __init__(self, folder: Path, **settings: str | int) -> None:
        self._server = Postgres(StateFolder(folder))
        super().__init__(self._server.process, self._server.start, lambda: self._server.port)
        self._settings = settings

    def make(self) -> None:
        """Make its data, with these settings in its file, and start it."""
        self._server.fast = True  # it is not yet anything that could be lost
        self._server.start()
        self._server.stop()
        self._server.fast = False
        with (self._server.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in self._settings.items())
        self.start()

    @property
    def url(self) -> str:
        """The SQLAlchemy address of its database."""
        return self._server.url()

    @property
    def log(self) -> str:
        """What it said so far."""
        return self._server.process.log.read_text(errors="replace")

    def stop_immediately(self) -> None:
        """As `pg_ctl stop -m immediate` does: no checkpoint, the next start recovers as after a crash."""
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGQUIT)
        until(lambda: not self._process.is_running(), END_SECONDS)

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a statement, in a transaction and a session of its own; one that may write in any case."""
        session = self._connect(options="-c default_transaction_read_only=off")
        with closing(session), session, session.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall()) if cursor.description else []

    def take_no_writes(self) -> None:
        """Every session that begins from now on may only read, as after a fail-over to a standby."""
        self.query("ALTER DATABASE muster SET default_transaction_read_only = on")

    def take_writes(self) -> None:
        """Sessions that begin from now on may write; those that are there already still may not."""
        self.query("ALTER DATABASE muster RESET default_transaction_read_only")

    def drop_sessions(self) -> None:
        """End every session of others, as a fail-over does."""
        self.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid()"
        )

    @contextmanager
    def crowded(self) -> Iterator[int]:
        """Hold every connection that is left; how many those are."""
        held = []
        try:
            with suppress(psycopg2.OperationalError):
                while True:
                    held.append(self._connect())
            yield len(held)
        finally:
            for one in held:
                one.close()

    def _connect(self, **options: str) -> Any:
        return psycopg2.connect(self.url.replace("+psycopg2", ""), connect_timeout=10, **options)


class OwnRedis(Store):
    """Keeps nothing on disk, so a kill loses all that is in it."""

    def __init__(self, folder: Path) -> None:
        self._server = RedisServer(StateFolder(folder), fast=True)
        super().__init__(self._server.process, self._server.start, lambda: self._server.port)

    @property
    def url(self) -> str:
        """The address of its first database."""
        return self._server.url()

    def client(self) -> "redis.Redis":
        """Somebody else at it; to be closed."""
        return redis.Redis.from_url(self.url, socket_timeout=10)

    def fill(self) -> None:
        """Let it have no memory left, and throw nothing away for more."""
        with closing(self.client()) as client:
            client.config_set("maxmemory", 1)

    def empty(self) -> None:
        """Memory again."""
        with closing(self.client()) as client:
            client.config_set("maxmemory", 0)

    def forget(self) -> None:
        """FLUSHALL."""
        with closing(self.client()) as client:
            client.flushall()


class Stores:
    """Both, in one folder."""

    def __init__(self, folder: Path, **postgres_settings: str | int) -> None:
        folder.mkdir(mode=0o711, exist_ok=True)
        self.postgres = OwnPostgres(folder, **postgres_settings)
        self.redis = OwnRedis(folder)

    def __enter__(self) -> Self:
        try:
            self.redis.start()
            self.postgres.make()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        self.postgres.end()
        self.redis.end()


@contextmanager
def open_folder() -> Iterator[Path]:
    """A new folder that others may pass through: where we are root, Postgres may have to be another user."""
    with tempfile.TemporaryDirectory(prefix="muster-stores-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@contextmanager
def small_volume(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of this size at a folder. Needs root."""
    folder.mkdir(mode=0o711)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=711", "none", str(folder))
    try:
        yield folder
    finally:
        _run("umount", "--lazy", str(folder))


@contextmanager
def filled(folder: Path) -> Iterator[int]:
    """No byte is free on the volume of a folder; how many were."""
    ballast, size = folder / "ballast", 0
    try:
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while written := file.write(bytes(4096)):
                size += written
        yield size
    finally:
        ballast.unlink()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=20)
