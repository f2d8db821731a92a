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


@pytest.fixture
def plane(tmp_path: Path, settings: Settings, database_url: str) -> Iterator[ControlPlane]:
    """A whole control plane with shortened times."""
    made = make_plane(tmp_path, settings, database_url, QUICK)
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture
def real_plane(tmp_path: Path, settings: Settings, database_url: str) -> Iterator[ControlPlane]:
    """A whole control plane with the times that we promise."""
    made = make_plane(tmp_path, settings, database_url, {})
    try:
        yield made.start()
    finally:
        made.stop()


def make_plane(folder: Path, settings: Settings, database_url: str, times: dict[str, str]) -> ControlPlane:
    """One that is not started yet; `times` and other settings as environment variables."""
    base, _, number = settings.redis_url.rpartition("/")
    return ControlPlane(folder, database_url, f"{base}/{int(number) + 20}", times)


def _administer(base: str, sql: str) -> None:
    server = parse_dsn(f"{base}/postgres".replace("+psycopg2", ""))
    connection = psycopg2.connect(make_dsn(**server))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        connection.close()
