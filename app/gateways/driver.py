"""The driver itself: a statement where SQLAlchemy's result objects would cost too much, and dead connections."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import psycopg2
from psycopg2.errors import ReadOnlySqlTransaction
from psycopg2.extras import NamedTupleCursor
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

# What a connection may raise, whichever way it was used.
DATABASE_ERRORS = (SQLAlchemyError, psycopg2.Error)
# Whoever was answered so short a time ago need not be asked whether he is there: a deploy has forty transactions.
BELIEVED_FOR = 1.0  # seconds
_LEFT_AT = "left_at"  # monotonic seconds


def fetch_all(connection: Connection, sql: str, parameters: Mapping[str, object]) -> Sequence[Any]:
    """The rows of a statement with %(name)s parameters, their columns as attributes. Raises psycopg2.Error."""
    with closing(connection.connection.cursor(cursor_factory=NamedTupleCursor)) as cursor:
        cursor.execute(sql, parameters)
        rows: Sequence[Any] = cursor.fetchall()
        return rows


def install() -> None:
    """Judge the connections of every pool in this process, however often this is called."""
    event.listen(Engine, "handle_error", leave_read_only_server)
    event.listen(Pool, "checkin", note_return)
    event.listen(Pool, "checkout", ask_after_pause)


def leave_read_only_server(context: ExceptionContext) -> OperationalError | None:
    """A server that takes no writes is one that went away: after a fail-over, a new connection finds its successor."""
    refused = context.original_exception
    if not isinstance(refused, ReadOnlySqlTransaction):
        return None
    context.is_disconnect = True
    return OperationalError(context.statement, None, refused, hide_parameters=True, connection_invalidated=True)


def note_return(_connection: Any, entry: ConnectionPoolEntry) -> None:
    """From now on the connection is idle."""
    entry.info[_LEFT_AT] = time.monotonic()


def ask_after_pause(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection that was idle must show that it stands; else the pool makes new ones, for all that are as old."""
    left_at = entry.info.get(_LEFT_AT)
    if left_at is None or time.monotonic() - left_at < BELIEVED_FOR:
        return
    try:
        connection.autocommit = True  # or it would leave a transaction open
        with closing(connection.cursor()) as cursor:
            cursor.execute("SELECT 1")
        connection.autocommit = False
    except psycopg2.Error as failure:
        raise InvalidatePoolError from failure
