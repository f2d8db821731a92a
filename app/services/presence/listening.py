"""Prove that heartbeats can be accepted, and notice when for a while they could not."""

import os
import socket
from dataclasses import asdict
from secrets import token_hex

from sqlalchemy import Connection, text

from app.extensions import db, settings
from app.services.transaction import transaction
from app.services.watching.vitals import vitals

# Nobody could accept for a while (or no web process was there at all), or the clock of the database was set: what is
# stored says nothing about this moment, and listening begins now.
_LISTEN_ANEW = text(
    "UPDATE control_plane SET listening_since = now() WHERE listening_since > now() OR NOT EXISTS ("
    " SELECT FROM web_processes WHERE accepting_at BETWEEN now() - make_interval(secs => :deaf_after)"
    "  AND now() + make_interval(secs => :deaf_after))"
)
# The clock was set back. Else nodes would be up until it is again where it was, however silent they are.
_HEARD_BY_NOW = text(
    "WITH ahead AS MATERIALIZED ("
    " SELECT node_id FROM cluster_nodes WHERE last_heartbeat > now() ORDER BY node_id FOR UPDATE)"
    " UPDATE cluster_nodes n SET last_heartbeat = now() FROM ahead WHERE n.node_id = ahead.node_id"
)
_STAMP = text(
    "INSERT INTO web_processes (process_id, stream_clients, heartbeats, batches, waited_seconds)"
    " VALUES (:process_id, :stream_clients, :heartbeats, :batches, :waited_seconds)"
    " ON CONFLICT (process_id) DO UPDATE SET accepting_at = now(), stream_clients = excluded.stream_clients,"
    " heartbeats = excluded.heartbeats, batches = excluded.batches, waited_seconds = excluded.waited_seconds"
)
_FORGET = text(
    "DELETE FROM web_processes WHERE accepting_at NOT BETWEEN now() - interval '1 hour' AND now() + interval '1 hour'"
)
_LEAVE = text("DELETE FROM web_processes WHERE process_id = :process_id")

_instance = token_hex(4)


def process_id() -> str:
    """This process, told apart from a namesake on another host or after a restart."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{_instance}"


def pulse_seconds() -> float:
    """How often to prove it: two proofs may fail before the others take us for deaf."""
    return settings().deaf_after.total_seconds() / 3


def prove(connection: Connection) -> None:
    """Stamp, within the caller's transaction, that this process can accept heartbeats, and what it did lately."""
    figures = {"stream_clients": vitals().count_streams(), **asdict(vitals().tally())}
    if connection.execute(_LISTEN_ANEW, {"deaf_after": settings().deaf_after.total_seconds()}).rowcount:
        connection.execute(_HEARD_BY_NOW)
    connection.execute(_STAMP, {"process_id": process_id(), **figures})
    connection.execute(_FORGET)


def leave() -> None:
    """Say that this process stops in good order, so that a start right after it is a cold start."""
    with transaction():
        db.session.execute(_LEAVE, {"process_id": process_id()})
