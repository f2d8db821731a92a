"""The way of a heartbeat through this process: it waits for the commit of its batch, and is announced after."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import Connection

from app.domain.errors import ForeignCredential, Unavailable
from app.domain.identity import secret
from app.domain.identity.actor import Actor, ActorKind
from app.domain.nodes.heartbeat import Heartbeat
from app.extensions import HEARTBEATS, db, settings
from app.gateways import driver, event_bus
from app.services.admission import misuse
from app.services.group_commit import GroupCommit
from app.services.heartbeats.batch import Accepted, Arrival, write_beats
from app.services.presence import listening
from app.services.watching.vitals import vitals

DEADLINE = 3.3  # seconds that a heartbeat may wait for its commit
PACE = 0.02  # seconds from batch to batch: what a batch costs is shared by those that gather meanwhile
NOBODY = Actor(ActorKind.NOBODY)  # whoever sends a heartbeat proves who it is with its credential


class HeartbeatLane:
    """One connection of its own and one writer per process, so that heartbeats never queue behind anything else."""

    def __init__(self) -> None:
        self._app = current_app._get_current_object()  # type: ignore[attr-defined]
        self._group = GroupCommit(self._write, DEADLINE, PACE, observe=self._observe)
        self._vitals = vitals()
        self._connection: Connection | None = None
        self._proven_at = 0.0

    def submit(self, arrival: Arrival) -> "Accepted | Exception":
        """Wait for the commit of the batch that this heartbeat is in."""
        return self._group.submit(arrival.key, arrival)

    def _observe(self, joined: Mapping[Any, float]) -> None:
        now = time.monotonic()
        self._vitals.note_batch([now - at for (node_id, _credential), at in joined.items() if node_id])

    def _write(self, batch: Sequence[Arrival]) -> list["Accepted | Exception"]:
        with self._app.app_context():
            try:
                return self._commit(batch)
            except driver.DATABASE_ERRORS:
                # A heartbeat may be written twice without harm, so one try on a fresh connection is free.
                self._drop_connection()
            try:
                return self._commit(batch)
            except driver.DATABASE_ERRORS as failure:
                self._drop_connection()
                raise Unavailable(
                    "The database does not answer; send the heartbeat again in a few seconds"
                ) from failure

    def _commit(self, batch: Sequence[Arrival]) -> list["Accepted | Exception"]:
        if self._connection is None:
            # Each statement commits by itself: a batch that changes nothing else is one round trip, not three.
            connection = db.engines[HEARTBEATS].connect()
            self._connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        if time.monotonic() - self._proven_at >= listening.pulse_seconds():
            listening.prove(self._connection)
            self._proven_at = time.monotonic()
        beats = [arrival for arrival in batch if arrival.node_id]
        answers, announcements = write_beats(self._connection, beats) if beats else ([], [])
        event_bus.publish(announcements)
        following = iter(answers)
        return [next(following) if arrival.node_id else Accepted(0) for arrival in batch]

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
        self._proven_at = 0.0


def accept(node_id: str, beat: Heartbeat, presented: str = "", by: Actor = NOBODY) -> Accepted:
    """Note that a node is alive and how it is. Returns after the commit. `presented` is the node's credential.

    Raises CredentialRefused, ForeignCredential or NodeRemoved (none of them when sign-in is off), NodeNotFound,
    NodeConflict, or Unavailable when the database does not answer in time.
    """
    guarded = settings().cluster_auth and presented
    answer = lane().submit(Arrival(node_id, beat, secret.fingerprint(presented) if guarded else b"", by.address))
    if isinstance(answer, ForeignCredential):
        misuse.write_down(by, "node.heartbeat", node_id, answer)
    if isinstance(answer, Exception):
        raise answer
    return answer


def pulse() -> None:
    """Send nothing through the whole way of a heartbeat, to prove that one could be accepted."""
    lane().submit(Arrival("", Heartbeat()))


def lane() -> HeartbeatLane:
    """The lane of the current app, made with its first heartbeat."""
    extensions = current_app.extensions
    if "heartbeat_lane" not in extensions:
        extensions["heartbeat_lane"] = HeartbeatLane()
    found: HeartbeatLane = extensions["heartbeat_lane"]
    return found
