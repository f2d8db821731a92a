"""Models and migrations agree, and every migration can be taken back."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text

from app import create_app
from app.extensions import db
from app.gateways import schema
from config import Settings


@pytest.fixture
def scratch(settings: Settings) -> Iterator[Flask]:
    """An app on an empty database."""
    base, _, name = settings.database_url.rpartition("/")
    server = create_engine(f"{base}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}_scratch"))
        connection.execute(text(f"CREATE DATABASE {name}_scratch"))
        made = create_app(Settings(f"{base}/{name}_scratch", settings.redis_url), role="release")
        with made.app_context():
            yield made
            db.session.remove()
            db.engine.dispose()
        connection.execute(text(f"DROP DATABASE {name}_scratch"))
    server.dispose()


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def test_what_the_migrations_make_is_what_the_models_say(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": db.metadata}
        )
        assert compare_metadata(context, db.metadata) == []


def test_a_database_goes_up_and_down_and_up_again(scratch: Flask) -> None:
    upgrade()
    made = tables()
    assert {"cluster_nodes", "node_transitions", "jobs", "node_commands", "control_plane"} <= made
    downgrade(revision="base")
    assert tables() == {"alembic_version"}
    upgrade()
    assert tables() == made


def test_nodes_outlive_the_new_order_of_their_columns(scratch: Flask) -> None:
    upgrade(revision="0017")
    old = """
    INSERT INTO cluster_nodes (node_id, name, host, port, status, cordon, cpu_count, cpu_usage, agents_seen, labels)
    VALUES ('n1', 'One', '10.0.0.1', 3101, 'degraded', '{"note": "x"}', 4, 0.25, 2, '{"zone": "a"}')
    """
    with db.engine.begin() as connection:
        connection.execute(text(old))
        before = dict(connection.execute(text("SELECT * FROM cluster_nodes")).mappings().one())
    upgrade()
    with db.engine.connect() as connection:
        after = dict(connection.execute(text("SELECT * FROM cluster_nodes")).mappings().one())
    computed = {"burden": 1_000_002, "free_memory_mb": 0, "free_cpu": 3.0}
    assert after == {**before, **computed}


def test_a_fresh_database_begins_to_listen_at_once(scratch: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM control_plane")).scalar() == 1
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == schema.newest()


def test_without_a_schema_readyz_says_which_command_makes_it(scratch: Flask) -> None:
    answer = scratch.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "flask --app wsgi db upgrade" in answer.json["missing"][0]


def test_a_heartbeat_updates_no_index(app: Flask) -> None:
    look = "SELECT indexdef FROM pg_indexes WHERE tablename = 'cluster_nodes'"
    with db.engine.connect() as connection:
        indexes = connection.execute(text(look)).scalars().all()
    assert [index for index in indexes if "(node_id)" not in index] == []
