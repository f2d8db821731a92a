"""A stream lives no longer than the session or token that opened it."""

import logging
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.api.auth import COOKIE
from app.api.streaming import guard as stream_guard
from app.api.streaming.guard import Guard
from app.domain.identity.actor import SYSTEM, Actor, ActorKind
from app.domain.identity.permissions import Role
from app.extensions import db
from app.models import ApiToken
from app.services import jobs
from app.services.people import tokens
from config import Settings
from tests.api.sse import Reader, serving
from tests.fleet import CLUSTER, Fleet, until
from tests.people import Browser, browser, token

ADMIN = Actor(ActorKind.USER, name="admin", role=Role.ADMIN)


@pytest.fixture
def guard(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> Guard:
    """A guard of this test's own; it looks five times a second."""
    own = Guard(guarded.extensions["stream_guard"].still_valid, 0.2)
    monkeypatch.setitem(guarded.extensions, "stream_guard", own)
    return own


@pytest.fixture
def port(guarded: Flask, guard: Guard) -> Iterator[int]:
    with serving(guarded) as found:
        yield found


def cookie_of(person: Browser) -> dict[str, str]:
    found = person.client.get_cookie(COOKIE)
    assert found is not None
    return {"Cookie": f"{COOKIE}={found.value}"}


def settled(port: int, sent: dict[str, str], path: str = f"{CLUSTER}/stream") -> Reader:
    """A viewer whose stream has begun."""
    viewer = Reader(port, sent=sent, path=path)
    assert viewer.response.status == 200
    return viewer


def test_nobody_gets_a_stream(port: int) -> None:
    with closing(Reader(port)) as viewer:
        assert viewer.response.status == 401


@pytest.mark.parametrize("query", ["", "?view=patch"])
def test_signing_out_ends_the_streams_of_the_session_and_no_others(guarded: Flask, port: int, query: str) -> None:
    person, other = browser(guarded, "viewer"), browser(guarded, "viewer")
    path = f"{CLUSTER}/stream{query}"
    with (
        closing(settled(port, cookie_of(person), path)) as viewer,
        closing(settled(port, cookie_of(other), path)) as stays,
    ):
        watched = guarded.extensions["stream_guard"]._open
        until(lambda: len(watched) == 2)
        person.send("DELETE", "/api/session")

        assert viewer.ended()
        until(lambda: len(watched) == 1)
        assert not stays.response.isclosed()


def test_one_sign_in_cannot_take_all_connections(guarded: Flask, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_guard, "MOST", 2)
    person, other = browser(guarded, "viewer"), browser(guarded, "viewer")
    watched = guarded.extensions["stream_guard"]._open
    with closing(settled(port, cookie_of(person))), closing(settled(port, cookie_of(person))):
        until(lambda: len(watched) == 2)
        with closing(Reader(port, sent=cookie_of(person))) as third, closing(settled(port, cookie_of(other))):
            assert (third.response.status, third.response.headers["Retry-After"]) == (429, "15")
        person.send("DELETE", "/api/session")
        until(lambda: len(watched) <= 1)


def test_a_revoked_token_ends_its_streams(guarded: Flask, port: int) -> None:
    headers = token("viewer")
    with closing(settled(port, headers)) as viewer:
        tokens.revoke(ADMIN, db.session.query(ApiToken.id).scalar())

        assert viewer.ended()


def test_the_log_of_a_job_ends_with_the_session_too(guarded: Flask, port: int, fleet: Fleet) -> None:
    fleet.add()
    person = browser(guarded, "viewer")
    path = f"{CLUSTER}/jobs/{jobs.request_ping('mac-mini', SYSTEM)}/log/stream"
    with closing(settled(port, cookie_of(person), path)) as viewer:
        person.send("DELETE", "/api/session")

        assert viewer.ended()


def test_all_streams_of_a_process_are_looked_up_by_one_question() -> None:
    asked: list[set[bytes]] = []
    ended: list[int] = []

    def still_valid(proofs: object) -> frozenset[bytes]:
        asked.append(set(proofs))  # type: ignore[call-overload]
        return frozenset({b"good"})

    guard = Guard(still_valid, 3600)
    with (
        guard.watching(b"good", lambda: ended.append(1)),
        guard.watching(b"good", lambda: ended.append(2)),
        guard.watching(b"bad", lambda: ended.append(3)),
        guard.watching(None, lambda: ended.append(4)),
    ):
        guard.look()

    assert (asked, ended) == ([{b"good", b"bad"}], [3])
    guard.look()
    assert len(asked) == 1


def test_streams_outlive_a_database_that_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    ended: list[int] = []

    def still_valid(_: object) -> frozenset[bytes]:
        raise OperationalError("SELECT", {}, Exception("away"))

    caplog.set_level(logging.WARNING, logger="app.api.streaming.guard")
    guard = Guard(still_valid, 3600)
    with guard.watching(b"any", lambda: ended.append(1)):
        guard.look()

    assert ended == []
    assert "not looked up: OperationalError" in caplog.text


def test_the_promise_of_fifteen_seconds_holds_for_any_keep_alive() -> None:
    keep_alive = Settings("postgresql://x/y", "redis://x").stream_keep_alive.total_seconds()

    assert min(keep_alive, stream_guard.LONGEST) + 3 <= 15  # 3 s: the longest that a statement may take
