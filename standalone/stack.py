"""All of Muster in its order: servers, release, the Procfile's processes, the local node."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from standalone import environment, first_admin, health, local_node, procfile
from standalone.errors import StandaloneError
from standalone.health import Check, HealthWatch
from standalone.ports import check_can_listen
from standalone.postgres import Postgres
from standalone.process import Process
from standalone.readiness import death_notice
from standalone.redis_server import RedisServer
from standalone.settings import StandaloneSettings
from standalone.state import StateFolder, write_private
from standalone.supervisor import Say, Supervisor

RELEASE = "release"
RELEASE_SECONDS = 300.0
READY_SECONDS = 120.0
INVITE_SECONDS = 60.0
PROGRESS_SECONDS = 10.0
FLOWER_PORT = 5555


class Stack:
    """Starts everything under a supervisor and knows when all of it answers. The state folder is locked already."""

    def __init__(
        self, settings: StandaloneSettings, state: StateFolder, supervisor: Supervisor, say: Say, checkout: Path
    ) -> None:
        self.settings = settings
        self.state = state
        self.supervisor = supervisor
        self.say = say
        self.checkout = checkout
        self.commands = procfile.read(checkout / "Procfile")
        self.flower_port = self.node_port = 0
        self.sign_in_link = ""  # empty when sign-in is off

    @property
    def flower_url(self) -> str:
        return f"http://127.0.0.1:{self.flower_port}/flower/"

    def start(self) -> HealthWatch:
        """Start everything and wait until it answers; raises StandaloneError naming what failed, or StopRequested."""
        check_can_listen(self.settings.host, self.settings.port)
        self.flower_port = self.state.port("flower", FLOWER_PORT)
        password = self.state.secret("flower")
        database_url, redis_url = self._database(), self._redis()
        key_file = self.state.secret_file("secret-key")
        found = environment.of_control_plane(
            self.settings, database_url, redis_url, self.flower_port, password, key_file
        )
        self._release(found)
        started_at = datetime.now(UTC)
        for name in self.commands:
            if name != RELEASE:
                self.supervisor.start(self._process(name, found))
        if self.settings.local_node:
            node = local_node.make(self.settings, self.state, self.checkout)
            self.node_port = int((node.environment or {})["PORT"])
            if environment.signs_in(found):
                self._invite(found)
            self.supervisor.start(node)
        self._wait_for(self._checks(started_at))
        if environment.signs_in(found):
            self.sign_in_link = first_admin.sign_in_link(found, self.checkout)
        celery = next(process for process in self.supervisor.processes() if process.name == "worker")
        return HealthWatch(self.settings.base_url, celery, self.say)

    def _database(self) -> str:
        if self.settings.database_url:
            self.say("postgres: using DATABASE_URL")
            return self.settings.database_url
        postgres = Postgres(self.state, sleep=self.supervisor.pause)
        self._timed(postgres.process, postgres.start)
        return postgres.url()

    def _redis(self) -> str:
        if self.settings.redis_url:
            self.say("redis: using REDIS_URL")
            return self.settings.redis_url
        redis = RedisServer(self.state, sleep=self.supervisor.pause)
        self._timed(redis.process, redis.start)
        return redis.url()

    def _release(self, environ: dict[str, str]) -> None:
        """Run the release line to its end before anything that relies on the schema starts."""
        if RELEASE not in self.commands:
            return
        process = self._process(RELEASE, environ)
        self._timed(process, lambda: self._run_to_end(process))
        self.supervisor.dismiss(process)

    def _run_to_end(self, process: Process) -> None:
        process.start()
        deadline = time.monotonic() + RELEASE_SECONDS
        while process.is_running():
            if time.monotonic() > deadline:
                raise StandaloneError(f"{process.name} did not end within {RELEASE_SECONDS:.0f} s.")
            self.supervisor.pause(0.05)
        if process.exit_code() != 0:
            raise StandaloneError(death_notice(process))

    def _invite(self, environ: dict[str, str]) -> None:
        """Leave a join token for the local node; it uses it if its own credential does not count (any more)."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "join-token"]
        command += ["--node-id", local_node.own_id(), "--replace"]
        try:
            made = subprocess.run(
                command,
                cwd=self.checkout,
                env=environ,
                capture_output=True,
                text=True,
                timeout=INVITE_SECONDS,
                check=True,
            )
        except (subprocess.SubprocessError, OSError) as failure:
            # Not its output: that may hold the token.
            raise StandaloneError(f"no join token for the local node ({type(failure).__name__}).") from None
        write_private(local_node.token_file(self.state), made.stdout.strip())

    def _process(self, name: str, environ: dict[str, str]) -> Process:
        log = self.state.folder("logs") / f"{name}.log"
        return Process(name, self.commands[name], log, environment=environ, cwd=self.checkout)

    def _timed(self, process: Process, start: Callable[[], None]) -> None:
        """Start one process to the point where others may rely on it, and say how long that took."""
        self.supervisor.adopt(process)
        before = time.monotonic()
        start()
        self.say(f"{process.name}: ready after {time.monotonic() - before:.1f} s")

    def _checks(self, started_at: datetime) -> list[Check]:
        base_url = self.settings.base_url
        checks = {
            "web": health.web_answers(base_url),
            "worker": health.all_ready(base_url, started_at),
            "flower": health.flower_answers(self.flower_url),
        }
        wanted = [check for name, check in checks.items() if name in self.commands]
        if self.settings.local_node:
            wanted.append(health.node_heard(self.node_port))
        return wanted

    def _wait_for(self, checks: list[Check]) -> None:
        """Wait until every check has passed; a process that ends meanwhile is a failed start."""
        before = time.monotonic()
        next_word = before + PROGRESS_SECONDS
        while checks:
            passed = [check for check in checks if check.passes()]
            checks = [check for check in checks if check not in passed]
            waited = time.monotonic() - before
            for check in passed:
                self.say(f"{check.name}: ready after {waited:.1f} s")
            for process in self.supervisor.processes():
                if process.exit_code() is not None:
                    raise StandaloneError(death_notice(process))
            if checks and waited > READY_SECONDS:
                raise StandaloneError(health.explain(checks, self.settings.base_url, self.state.folder("logs")))
            if checks and time.monotonic() > next_word:
                next_word += PROGRESS_SECONDS
                self.say(f"still waiting for {', '.join(check.name for check in checks)} ({waited:.0f} s)")
            self.supervisor.pause(0.1)
