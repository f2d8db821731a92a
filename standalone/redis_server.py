"""The embedded Redis (Valkey): started on 127.0.0.1 with a generated password, kept in an append-only file."""

from __future__ import annotations

import signal
import time

import redis

from standalone import binaries
from standalone.leftover import end_leftover
from standalone.process import Process
from standalone.readiness import Sleep, wait_until
from standalone.state import StateFolder

START_SECONDS = 30.0


class RedisServer:
    """A private Redis inside a state folder that we hold the lock of. `fast` keeps nothing on disk, for tests."""

    def __init__(self, state: StateFolder, fast: bool = False, sleep: Sleep = time.sleep) -> None:
        self.state = state
        self.fast = fast
        self.sleep = sleep
        self.data = state.folder("redis")
        self.process = Process("redis", [str(binaries.redis_server()), "-"], state.folder("logs") / "redis.log")
        self.process.stop_stage = 1
        self.process.environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}

    def url(self, database: int = 0) -> str:
        """The address of one numbered database, password included."""
        return f"redis://:{self.state.secret('redis')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers; raises StandaloneError."""
        end_leftover(self.data / "redis.pid", "redis", signal.SIGTERM)
        self.port = self.state.port("redis")
        # The settings go in through standard input: the password never stands on a command line.
        self.process.standard_input = self._settings()
        self.process.start()
        wait_until(self._answers, self.process, START_SECONDS, self.sleep)

    def stop(self) -> None:
        self.process.stop()

    def _settings(self) -> bytes:
        folder = str(self.data).replace("\\", "\\\\").replace('"', '\\"')
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.state.secret('redis')}",
            f'dir "{folder}"',
            f'pidfile "{folder}/redis.pid"',
            "daemonize no",
            "databases 64",
            'save ""',
            "maxmemory-policy noeviction",
            "appendfsync everysec",
            f"appendonly {'no' if self.fast else 'yes'}",
        ]
        return "\n".join([*lines, ""]).encode()

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.url(), socket_timeout=3, socket_connect_timeout=3)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
