"""The embedded servers: real Postgres and Redis processes in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import redis

from standalone.embedded import EmbeddedServers
from standalone.errors import StandaloneError
from standalone.exec_shim import NOBODY
from standalone.rootless import RootMode
from tests.standalone.polling import eventually
from tests.standalone.stand_in import is_gone, line_of


@contextlib.contextmanager
def session(servers: EmbeddedServers, database: str = "muster") -> Iterator[Any]:
    with contextlib.closing(psycopg2.connect(servers.database_url(database).replace("+psycopg2", ""))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServers]:
    with EmbeddedServers(tmp_path_factory.mktemp("servers"), fast=True) as running:
        yield running


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path) as first, session(first) as cursor:
        cursor.execute("CREATE TABLE note (text text)")
        cursor.execute("INSERT INTO note VALUES ('kept')")
        with redis.Redis.from_url(first.redis_url()) as client:
            client.set("note", "kept")

    with EmbeddedServers(tmp_path) as second, session(second) as cursor:
        cursor.execute("SELECT text FROM note")
        assert cursor.fetchone() == ("kept",)
        with redis.Redis.from_url(second.redis_url()) as client:
            assert client.get("note") == b"kept"


def test_stopping_does_not_wait_for_clients_and_ends_both_servers(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, fast=True) as running, session(running) as cursor:
        children = [psutil.Process(server.process.pid) for server in (running.postgres, running.redis)]
        cursor.execute("SELECT 1")
        before = time.monotonic()

        running.stop()

    assert time.monotonic() - before < 10
    assert all(is_gone(child) for child in children)


def test_wrong_passwords_are_refused(servers: EmbeddedServers) -> None:
    address = servers.database_url().replace("+psycopg2", "").replace(servers.state.secret("postgres"), "guess")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(address)

    guess = servers.redis_url().replace(servers.state.secret("redis"), "guess")
    with redis.Redis.from_url(guess) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_no_password_stands_on_a_command_line(servers: EmbeddedServers) -> None:
    family = psutil.Process().children(recursive=True)
    lines = "\n".join(line_of(child) for child in family)

    assert "postgres" in lines
    assert servers.state.secret("postgres") not in lines
    assert servers.state.secret("redis") not in lines


def test_a_database_is_made_once_and_can_be_a_copy(servers: EmbeddedServers) -> None:
    servers.create_database("pattern")
    with session(servers, "pattern") as cursor:
        cursor.execute("CREATE TABLE shape (name text)")

    servers.create_database("copy", template="pattern")
    servers.create_database("copy", template="pattern")

    with session(servers, "copy") as cursor:
        cursor.execute("SELECT count(*) FROM shape")
        assert cursor.fetchone() == (0,)


def test_lower_case_knows_more_than_ascii(servers: EmbeddedServers) -> None:
    with session(servers) as cursor:
        cursor.execute("SELECT lower('ÄÖ')")
        assert cursor.fetchone() == ("äö",)


def test_a_second_starter_on_the_same_folder_is_refused_in_one_sentence(servers: EmbeddedServers) -> None:
    second = EmbeddedServers(servers.state.path, fast=True)

    with pytest.raises(StandaloneError, match=rf"in use by another Muster \(process {os.getpid()}\).*MUSTER_HOME"):
        second.start()


def test_a_port_that_was_taken_meanwhile_is_replaced(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, fast=True) as first:
        taken = first.redis.port
    with socket.create_server(("127.0.0.1", taken)), EmbeddedServers(tmp_path, fast=True) as second:
        assert second.redis.port != taken


ORPHAN_MAKER = """
import os, sys
from standalone import process
from standalone.embedded import EmbeddedServers

with_death_signal = process.shim_command
process.shim_command = lambda command, mode, _signal: with_death_signal(command, mode, 0)
EmbeddedServers(sys.argv[1], fast=True).start()
os._exit(0)
"""


def test_servers_left_behind_on_our_data_are_ended_first(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", ORPHAN_MAKER, str(tmp_path)], check=True, timeout=60)
    files = (tmp_path / "pgdata" / "postmaster.pid", tmp_path / "redis" / "redis.pid")
    orphans = [psutil.Process(int(file.read_text().split()[0])) for file in files]
    assert not any(is_gone(orphan) for orphan in orphans)

    with EmbeddedServers(tmp_path, fast=True) as servers, session(servers) as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
        assert all(is_gone(orphan) for orphan in orphans)


def test_both_servers_end_when_their_starter_is_killed(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux signals the children of a killed process; elsewhere the guardian does it")
    command = (
        "from standalone.embedded import EmbeddedServers as E; import sys, time; E(sys.argv[1], fast=True).start();"
    )
    command += "print('up', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", command, str(tmp_path)], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "up\n"
        family = psutil.Process(starter.pid).children(recursive=True)
        assert len(family) > 2

        starter.send_signal(signal.SIGKILL)

    eventually(lambda: all(is_gone(process) for process in family))


def test_data_of_another_major_version_is_refused_with_both_numbers(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, fast=True):
        pass
    (tmp_path / "pgdata" / "PG_VERSION").write_text("12\n")

    with pytest.raises(StandaloneError, match=r"made by PostgreSQL 12, but .* is PostgreSQL \d+.*PG_BIN"):
        EmbeddedServers(tmp_path, fast=True).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_without_user_namespaces_runs_postgres_as_nobody(tmp_path_factory: pytest.TempPathFactory) -> None:
    with reachable_folder() as folder:
        (folder / "root-mode").write_text(RootMode.SETUID)
        with EmbeddedServers(folder, fast=True) as servers:
            assert psutil.Process(servers.postgres.process.pid).uids().real == NOBODY
            assert (folder / "pgdata").stat().st_uid == NOBODY


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_that_nobody_may_enter_is_named_with_the_ways_out(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "state").mkdir()
    (closed / "state" / "root-mode").write_text(RootMode.SETUID)

    with pytest.raises(StandaloneError, match=r"may not enter .*state.*MUSTER_HOME.*DATABASE_URL"):
        EmbeddedServers(closed / "state", fast=True).start()


@contextlib.contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder that every user may pass through; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)
