"""Waiting for Postgres has an end, and nobody waits twice for one that hangs."""

import socket
import time
from collections.abc import Iterator

import pytest
from psycopg2 import OperationalError, extensions

from app.gateways import green_postgres
from app.gateways.green_postgres import Patience

LIMIT = 0.1


class Session:
    """As the driver shows a connection: it waits for a byte."""

    def __init__(self) -> None:
        self.ours, self.servers = socket.socketpair()

    def fileno(self) -> int:
        return self.ours.fileno()

    def poll(self) -> int:
        return extensions.POLL_OK if self.ours.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) else extensions.POLL_READ


class Silent(Session):
    """The server of this one never says anything."""

    def poll(self) -> int:
        return int(extensions.POLL_READ)


@pytest.fixture
def made() -> Iterator[list[Session]]:
    sessions: list[Session] = []
    yield sessions
    for one in sessions:
        one.ours.close()
        one.servers.close()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Patience:
    monkeypatch.setattr(green_postgres, "SILENCE_LIMIT", LIMIT)
    return Patience()


def silent(made: list[Session]) -> Session:
    made.append(Silent())
    return made[-1]


def answering(made: list[Session]) -> Session:
    made.append(Session())
    made[-1].servers.send(b"x")
    return made[-1]


def seconds_until_refused(patience: Patience, session: Session) -> float:
    began = time.monotonic()
    with pytest.raises(OperationalError, match="not answer"):
        patience.wait(session)
    return time.monotonic() - began


def test_whoever_waited_in_vain_is_not_kept_waiting_a_second_time(patience: Patience, made: list[Session]) -> None:
    assert seconds_until_refused(patience, silent(made)) >= LIMIT
    assert seconds_until_refused(patience, silent(made)) < LIMIT


def test_after_a_while_a_server_that_hung_is_tried_again(
    patience: Patience, made: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds_until_refused(patience, silent(made))
    monkeypatch.setattr(green_postgres, "BELIEVED_FOR", 0.0)
    patience.wait(answering(made))
    monkeypatch.undo()
    patience.wait(answering(made))


def test_one_dead_connection_is_not_taken_for_the_server(patience: Patience, made: list[Session]) -> None:
    class Meanwhile(Silent):
        def poll(self) -> int:
            patience.wait(answering(made))
            return super().poll()

    made.append(Meanwhile())
    seconds_until_refused(patience, made[-1])
    patience.wait(answering(made))
