"""A server that takes no writes is one to leave, and so is a connection that broke while it was idle."""

from collections.abc import Iterator

import pytest
from flask import Flask
from psycopg2.extensions import STATUS_READY
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.gateways import driver


@pytest.fixture(autouse=True)
def _no_broken_session_stays(app: Flask) -> Iterator[None]:
    yield
    db.engine.dispose()


def session_number() -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def end_sessions() -> None:
    others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with create_engine(db.engine.url, poolclass=NullPool).begin() as connection:
        for pid in connection.scalars(text(others)).all():
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_a_session_that_refuses_a_write_is_not_used_again(app: Flask) -> None:
    before = session_number()
    with db.engine.connect() as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(OperationalError):
            connection.execute(text("DELETE FROM jobs"))
    assert session_number() != before


def test_a_session_that_ended_while_it_was_idle_is_replaced(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "BELIEVED_FOR", 0.0)
    before = session_number()
    end_sessions()
    assert session_number() != before


def test_a_session_that_was_just_used_is_not_asked_whether_it_stands(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "BELIEVED_FOR", 60.0)
    db.engine.dispose()  # the pool would hand out what an earlier test left first
    session_number()
    end_sessions()
    with pytest.raises(OperationalError):
        session_number()
    session_number()  # once only: whoever found out has replaced them all


def test_nothing_is_left_open_by_asking(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "BELIEVED_FOR", 0.0)
    session_number()
    with db.engine.connect() as connection:
        assert connection.connection.driver_connection.status == STATUS_READY
        assert not connection.connection.driver_connection.autocommit
