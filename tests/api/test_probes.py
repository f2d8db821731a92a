"""/healthz and /readyz: is the process up, and can it do its work?"""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from app.extensions import db
from app.services.presence import silence
from config import Settings
from tests.ports import closed_port


@pytest.fixture
def lonely(settings: Settings) -> Iterator[Flask]:
    """An app whose Redis and Postgres are both gone."""
    nowhere = f"127.0.0.1:{closed_port()}"
    made = create_app(Settings(f"postgresql://muster:pw@{nowhere}/muster", f"redis://{nowhere}/0", cluster_auth=False))
    yield made
    with made.app_context():
        db.engine.dispose()


def change(sql: str, **values: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(sql), values)


def test_healthz_says_which_build_is_up(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")
    assert len(answer.json["build"]) == 12


def test_healthz_needs_nothing_but_the_process(lonely: Flask) -> None:
    assert lonely.test_client().get("/healthz").status_code == 200


def test_readyz_is_200_when_every_part_answers(client: FlaskClient) -> None:
    silence.mark_silent_nodes()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["ready"], answer.json["missing"]) == (200, True, [])
    assert answer.json["checks"].keys() == {"database", "schema", "redis", "celery"}


def missing(client: FlaskClient) -> str:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["ready"]) == (503, False)
    [sentence] = answer.json["missing"]
    return str(sentence)


def test_readyz_misses_a_stale_check_that_never_ran(client: FlaskClient) -> None:
    assert "beat and a Celery worker" in missing(client)


def test_readyz_misses_a_stale_check_that_runs_no_more(client: FlaskClient) -> None:
    change("UPDATE control_plane SET last_tick = now() - interval '51 seconds'")
    assert "beat and a Celery worker" in missing(client)
    change("UPDATE control_plane SET last_tick = now() - interval '45 seconds'")
    assert client.get("/readyz").status_code == 200


def test_readyz_misses_a_migration(client: FlaskClient) -> None:
    silence.mark_silent_nodes()
    newest = client.get("/readyz").json["checks"]["schema"]["detail"]
    change("UPDATE alembic_version SET version_num = '0000'")
    try:
        assert f"The schema is 0000, not {newest}: run `flask --app wsgi db upgrade`" in missing(client)
    finally:
        change("UPDATE alembic_version SET version_num = :newest", newest=newest)


def test_readyz_is_well_with_the_schema_of_the_next_release(client: FlaskClient) -> None:
    silence.mark_silent_nodes()
    newest = client.get("/readyz").json["checks"]["schema"]["detail"]
    change("UPDATE alembic_version SET version_num = '9999'")
    try:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json["checks"]["schema"]["detail"]) == (200, "9999")
    finally:
        change("UPDATE alembic_version SET version_num = :newest", newest=newest)


def test_readyz_names_all_that_is_missing(lonely: Flask) -> None:
    answer = lonely.test_client().get("/readyz")
    assert answer.status_code == 503
    assert [sentence.split()[0] for sentence in answer.json["missing"]] == ["The", "Redis"]
    assert "DATABASE_URL" in answer.json["missing"][0]
    assert "REDIS_URL" in answer.json["missing"][1]


def test_what_is_missing_is_told_without_a_password(lonely: Flask) -> None:
    assert b"pw" not in lonely.test_client().get("/readyz").data


def test_without_a_database_every_route_says_so_quickly(lonely: Flask) -> None:
    answer = lonely.test_client().get("/api/engine/cluster/nodes")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    beat = lonely.test_client().post("/api/engine/cluster/heartbeat/mac-mini")
    assert (beat.status_code, beat.json["code"]) == (503, "unavailable")
