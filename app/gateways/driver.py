"""One statement by the driver's own cursor, where SQLAlchemy's result objects would cost more than the statement."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import psycopg2
from psycopg2.extras import NamedTupleCursor
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

# What a connection may raise, whichever way it was used.
DATABASE_ERRORS = (SQLAlchemyError, psycopg2.Error)


def fetch_all(connection: Connection, sql: str, parameters: Mapping[str, object]) -> Sequence[Any]:
    """The rows of a statement with %(name)s parameters, their columns as attributes. Raises psycopg2.Error."""
    with closing(connection.connection.cursor(cursor_factory=NamedTupleCursor)) as cursor:
        cursor.execute(sql, parameters)
        rows: Sequence[Any] = cursor.fetchall()
        return rows
