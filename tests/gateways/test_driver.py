"""A server that takes no writes is one to leave."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.extensions import db


def session_number() -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_a_session_that_refuses_a_write_is_not_used_again(app: Flask) -> None:
    before = session_number()
    with db.engine.connect() as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(OperationalError):
            connection.execute(text("DELETE FROM jobs"))
    assert session_number() != before
