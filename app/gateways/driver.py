"""The driver itself: a statement where SQLAlchemy's result objects would cost too much, and what its errors mean."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import psycopg2
from psycopg2.errors import ReadOnlySqlTransaction
from psycopg2.extras import NamedTupleCursor
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError, SQLAlchemyError

# What a connection may raise, whichever way it was used.
DATABASE_ERRORS = (SQLAlchemyError, psycopg2.Error)


def fetch_all(connection: Connection, sql: str, parameters: Mapping[str, object]) -> Sequence[Any]:
    """The rows of a statement with %(name)s parameters, their columns as attributes. Raises psycopg2.Error."""
    with closing(connection.connection.cursor(cursor_factory=NamedTupleCursor)) as cursor:
        cursor.execute(sql, parameters)
        rows: Sequence[Any] = cursor.fetchall()
        return rows


@event.listens_for(Engine, "handle_error")
def leave_read_only_server(context: ExceptionContext) -> OperationalError | None:
    """A server that takes no writes is one that went away: after a fail-over, a new connection finds its successor."""
    refused = context.original_exception
    if not isinstance(refused, ReadOnlySqlTransaction):
        return None
    context.is_disconnect = True
    return OperationalError(context.statement, None, refused, hide_parameters=True, connection_invalidated=True)
