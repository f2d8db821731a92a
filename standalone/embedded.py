"""Both embedded servers as one thing with a folder, for tests and benchmarks."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from standalone.postgres import DATABASE, Postgres
from standalone.redis_server import RedisServer
from standalone.state import StateFolder


class EmbeddedServers:
    """Postgres and Redis in one folder, locked while they run.

    `fast=True` gives up durability. Start it from the main thread of a process that lives as long as they shall:
    on Linux they end with it, even when it is killed.
    """

    def __init__(self, state_dir: str | Path, fast: bool = False) -> None:
        self.state = StateFolder(Path(state_dir))
        self.fast = fast

    def start(self) -> EmbeddedServers:
        """Start both and wait until they answer; raises StandaloneError and leaves nothing running."""
        self.state.lock()
        try:
            self.postgres = Postgres(self.state, self.fast)
            self.redis = RedisServer(self.state, self.fast)
            self.redis.start()
            self.postgres.start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        for server in (getattr(self, "redis", None), getattr(self, "postgres", None)):
            if server:
                server.stop()
        self.state.unlock()

    def database_url(self, name: str = DATABASE) -> str:
        """The SQLAlchemy address of a database; `create_database` makes one that does not exist yet."""
        return self.postgres.url(name)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database unless it exists, optionally as a copy of another one that nobody is connected to."""
        self.postgres.create_database(name, template)

    def redis_url(self, database: int = 0) -> str:
        """The address of a numbered Redis database, 0 to 63."""
        return self.redis.url(database)

    def __enter__(self) -> EmbeddedServers:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
