"""A control plane per test, and nothing left after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import make_dsn, parse_dsn

from config import Settings
from tests.conftest import TEMPLATE
from tests.journeys.control_plane import QUICK, ControlPlane

# All nodes share this machine, which may well be busy: that is no issue of theirs.
CALM = {"ISSUE_CPU_PERCENT": "100", "ISSUE_MEMORY_PERCENT": "100"}


@pytest.fixture
def database_url(settings: Settings) -> Iterator[str]:
    """An empty migrated database of its own."""
    with a_database(settings, "journey") as url:
        yield url


@contextmanager
def a_database(settings: Settings, purpose: str) -> Iterator[str]:
    """The URL of an empty migrated database."""
    base, _, own = settings.database_url.rpartition("/")
    name = f"{own}_{purpose}"
    _administer(base, f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
    try:
        yield f"{base}/{name}"
    finally:
        _administer(base, f'DROP DATABASE "{name}" WITH (FORCE)')


# Who has a database of the Redis that all test processes share; 0 to 6 are those of the tests' own app.
REDIS_PURPOSES = (
    "own",
    "journey",
    "deploying",
    "runtime",
    "runtime_steps",
    "secrets",
    "browser",
    "access",
    "lifecycle",
    "setup_runtime",
)
MOST_PROCESSES = 6


def a_redis(settings: Settings, purpose: str) -> str:
    """The URL of a database of Redis that nobody else uses, in no test process."""
    base, _, own = settings.redis_url.rpartition("/")
    assert int(own) <= MOST_PROCESSES, "more test processes than databases of Redis"
    return f"{base}/{REDIS_PURPOSES.index(purpose) * MOST_PROCESSES + int(own)}"


@pytest.fixture
def plane(tmp_path: Path, settings: Settings, database_url: str) -> Iterator[ControlPlane]:
    """A whole control plane with shortened times."""
    yield from running(make_plane(tmp_path, settings, database_url, {**QUICK, **CALM}))


@pytest.fixture
def patient_plane(tmp_path: Path, settings: Settings, database_url: str) -> Iterator[ControlPlane]:
    """A whole control plane that takes nobody for silent within a few seconds."""
    yield from running(make_plane(tmp_path, settings, database_url, {**QUICK, **CALM, "OFFLINE_AFTER": "10"}))


@pytest.fixture
def real_plane(tmp_path: Path, settings: Settings, database_url: str) -> Iterator[ControlPlane]:
    """A whole control plane with the times that we promise."""
    yield from running(make_plane(tmp_path, settings, database_url, {}))


def running(made: ControlPlane) -> Iterator[ControlPlane]:
    """That control plane, started, until the test has ended."""
    try:
        yield made.start()
    finally:
        made.stop()


def make_plane(folder: Path, settings: Settings, database_url: str, times: dict[str, str]) -> ControlPlane:
    """One that is not started yet; `times` and other settings as environment variables."""
    return ControlPlane(folder, database_url, a_redis(settings, "journey"), times)


def _administer(base: str, sql: str) -> None:
    server = parse_dsn(f"{base}/postgres".replace("+psycopg2", ""))
    connection = psycopg2.connect(make_dsn(**server))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        connection.close()
