"""The embedded Postgres: made once, then started on 127.0.0.1 with a generated password."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from standalone import binaries, rootless
from standalone.errors import StandaloneError
from standalone.exec_shim import NOBODY
from standalone.leftover import end_leftover
from standalone.process import Process
from standalone.readiness import Sleep, wait_until
from standalone.state import StateFolder

USER = "muster"
DATABASE = "muster"
START_SECONDS = 60.0  # a crash recovery may take long
NOT_DURABLE = ["-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


class Postgres:
    """A private database server inside a state folder that we hold the lock of.

    `fast` gives up durability, for tests: a crash of the machine may lose the data.
    """

    def __init__(self, state: StateFolder, fast: bool = False, sleep: Sleep = time.sleep) -> None:
        self.state = state
        self.fast = fast
        self.sleep = sleep
        self.data = state.path / "pgdata"
        self.programs = binaries.postgres_folder()
        self.process = Process("postgres", [], state.folder("logs") / "postgres.log")
        self.process.stop_seconds = 30.0
        self.process.stop_stage = 2
        self.process.stop_signal = signal.SIGINT  # SIGTERM would wait for the clients to leave

    def url(self, database: str = DATABASE) -> str:
        """The SQLAlchemy address of one database, password included."""
        return f"postgresql+psycopg2://{USER}:{self.state.secret('postgres')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server (the first time: make it) and wait until it answers; raises StandaloneError."""
        self._prepare()
        self.process.start()
        wait_until(self._answers, self.process, START_SECONDS, self.sleep)
        self.create_database(DATABASE)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database unless it exists, optionally as a copy of another one."""
        with self._session() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if not cursor.fetchone():
                copy = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
                cursor.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), copy))

    def stop(self) -> None:
        self.process.stop()

    def _prepare(self) -> None:
        mode = self.state.root_mode()
        rootless.check_reachable(self.programs / "postgres", self.state.path, mode)
        if not (self.data / "PG_VERSION").exists():
            self._make(mode)
        self._check_version()
        end_leftover(self.data / "postmaster.pid", "postgres", signal.SIGINT)
        self.port = self.state.port("postgres")
        options = ["-D", str(self.data), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        self.process.command = [str(self.programs / "postgres"), *options, *(NOT_DURABLE if self.fast else [])]
        self.process.mode = mode
        self.process.cwd = self.data
        self.process.environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}

    def _make(self, mode: rootless.RootMode) -> None:
        """Make the data folder under another name first, so that a half-made one is never used."""
        fresh = self.state.path / "pgdata.new"
        shutil.rmtree(fresh, ignore_errors=True)
        rootless.make_owned_folder(fresh, mode)
        with self._password_file(mode) as password:
            done = subprocess.run(
                rootless.shim_command([*self._initdb_command(password), "-D", str(fresh)], mode),
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
                cwd=fresh,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            )
        if done.returncode != 0:
            raise StandaloneError(f"Postgres could not make its data folder in {fresh}:\n{done.stderr[-2000:]}")
        fresh.rename(self.data)

    def _initdb_command(self, password: Path) -> list[str]:
        command = [
            str(self.programs / "initdb"),
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            f"--pwfile={password}",
            "-E",
            "UTF8",
        ]
        # From 17 on Postgres brings its own collation; before, the system's is the only one with UTF-8 rules.
        builtin = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += builtin if binaries.postgres_major(self.programs) >= 17 else ["--locale=C.UTF-8"]
        return command + (["--no-sync"] if self.fast else [])

    @contextmanager
    def _password_file(self, mode: rootless.RootMode) -> Iterator[Path]:
        """The password where initdb can read it and no other user can, for as long as it needs it."""
        folder = self.state.path / "initdb.tmp"
        shutil.rmtree(folder, ignore_errors=True)
        rootless.make_owned_folder(folder, mode)
        try:
            (folder / "password").write_text(self.state.secret("postgres"))
            if mode == rootless.RootMode.SETUID:
                shutil.chown(folder / "password", NOBODY, NOBODY)
            (folder / "password").chmod(0o600)
            yield folder / "password"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _check_version(self) -> None:
        made_by = int((self.data / "PG_VERSION").read_text().strip())
        ours = binaries.postgres_major(self.programs)
        if made_by != ours:
            raise StandaloneError(
                f"The data in {self.data} was made by PostgreSQL {made_by}, but {self.programs} is PostgreSQL {ours}: "
                "set PG_BIN to the old programs or MUSTER_HOME to another folder."
            )

    def _answers(self) -> bool:
        try:
            with self._session():
                return True
        except psycopg2.OperationalError:
            return False

    @contextmanager
    def _session(self) -> Iterator[Any]:
        address = self.url("postgres").replace("+psycopg2", "")
        with contextlib.closing(psycopg2.connect(address, connect_timeout=3)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
