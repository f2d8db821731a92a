"""Real servers for the whole run, a database and a Redis number per test process, one app, a clean fleet per test."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, text

from app import bind_celery, create_app
from app.extensions import db
from app.gateways import task_queue
from config import Settings
from standalone.embedded import EmbeddedServers
from tests.broker import use_broker
from tests.fleet import Fleet
from tests.kit.hosts import obstacle

TEMPLATE = "muster_template"
STATE, DATABASE, REDIS = "MUSTER_TEST_STATE", "MUSTER_TEST_DATABASE", "MUSTER_TEST_REDIS"
_USED = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname = ANY(:tables) AND pg_relation_size(oid) > 0"
)
SERVERS = pytest.StashKey[EmbeddedServers]()
# How long an example takes says how busy the machine is.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the controlling process; the test processes find them in the environment."""
    if STATE in os.environ:
        return
    state = Path(tempfile.mkdtemp(prefix="muster-test-"))
    state.chmod(0o755)
    servers = config.stash[SERVERS] = EmbeddedServers(state, fast=True)
    servers.start()
    servers.create_database(TEMPLATE)
    os.environ |= {STATE: str(state), DATABASE: servers.database_url("{}"), REDIS: servers.redis_url(0)}
    migrate(servers.database_url(TEMPLATE), servers.redis_url(0))
    for number in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")) or _processes(config)):
        servers.create_database(_database_name(number), TEMPLATE)


def pytest_report_header() -> str:
    """On what deploys are tried."""
    found = obstacle()
    return f"hosts: {f'an sshd of this user with a PATH without Node.js ({found})' if found else 'namespaces'}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started, and leave nothing."""
    if SERVERS in config.stash:
        config.stash[SERVERS].stop()
        shutil.rmtree(os.environ.pop(STATE), ignore_errors=True)


def _processes(config: pytest.Config) -> int:
    return max(len(config.getoption("tx", None) or ()), int(config.getoption("numprocesses", None) or 0), 1)


def _database_name(number: int) -> str:
    return f"muster_test_{number}"


def migrate(database_url: str, redis_url: str) -> None:
    """Bring an empty database to the newest schema."""
    app = create_app(Settings(database_url, redis_url), role="release")
    with app.app_context():
        upgrade()
        db.engine.dispose()


def _number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The settings of this test process."""
    base, _, _ = os.environ[REDIS].rpartition("/")
    database_url = os.environ[DATABASE].format(_database_name(_number()))
    return Settings(database_url, f"{base}/{_number() + 1}", cluster_auth=False, node_calls_loopback=True)


@pytest.fixture(scope="session")
def made_app(settings: Settings) -> Iterator[Flask]:
    """The app of this test process."""
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(made_app: Flask, settings: Settings) -> Iterator[Flask]:
    """The app within its context, on an empty fleet that has been listened to for an hour."""
    use_broker(settings.redis_url)
    bind_celery(made_app, settings)  # a test may have made an app of its own
    with made_app.app_context():
        with db.engine.begin() as connection:
            _empty(connection)
            connection.execute(text("INSERT INTO control_plane (listening_since) VALUES (now() - interval '1 hour')"))
            connection.execute(text("INSERT INTO web_processes (process_id) VALUES ('test')"))
        made_app.extensions["event_bus"].drain(1.0)
        made_app.extensions["redis_client"].flushdb()
        yield made_app
        db.session.remove()


def _empty(connection: Connection) -> None:
    """Empty the tables that hold something; to truncate all of them takes longer than most tests."""
    used = connection.execute(_USED, {"tables": list(db.metadata.tables)}).scalars().all()
    if used:
        connection.execute(text(f"TRUNCATE {', '.join(used)} CASCADE"))


@pytest.fixture
def settings_with(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give the app other settings for this test; times are in seconds."""

    def change(**seconds: float) -> None:
        changed = {key: timedelta(seconds=value) for key, value in seconds.items()}
        monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], **changed))

    return change


@pytest.fixture
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The app with sign-in on, as it is by default; most tests are about something else and leave it off."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], cluster_auth=True))
    return app


@pytest.fixture
def sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the jobs that were rung for; no Celery worker hears it here."""
    rung: list[str] = []
    monkeypatch.setattr(task_queue, "send_job", rung.append)
    return rung


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the API."""
    return app.test_client()


@pytest.fixture
def fleet(app: Flask) -> Fleet:
    """Nodes on demand, and the past in our hands."""
    return Fleet()
