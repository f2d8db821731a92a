"""The stream in trouble: viewers that are too slow, and a Redis that goes and comes."""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.api.streaming import hub as stream_hub
from app.api.streaming.hub import Hub
from app.extensions import db
from app.gateways import event_feed
from config import Settings
from standalone.redis_server import RedisServer
from standalone.state import StateFolder
from tests.api.sse import PATH, Message, Reader, serving, watching
from tests.fleet import Fleet, until


@pytest.fixture
def narrow_port(app: Flask, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server whose viewers may lag only a few messages behind, and whose sockets hold little."""
    monkeypatch.setattr(stream_hub, "MOST_WAITING", 5)
    monkeypatch.setattr(hub, "keep_alive", 0.2)
    with serving(app, send_buffer=8192) as found:
        yield found
    until(lambda: not hub.viewers)


def test_a_viewer_that_is_too_slow_is_cut_and_the_others_go_on(
    narrow_port: int, hub: Hub, fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="app.api.streaming.hub")
    fleet.add(metadata={"much": "x" * 4000})
    with socket.socket() as sleeper, watching(narrow_port) as quick:
        sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sleeper.connect(("127.0.0.1", narrow_port))
        sleeper.sendall(f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        until(lambda: len(hub.viewers) == 2)
        sent = 0
        while len(hub.viewers) == 2:
            sent += 1
            assert sent < 500
            fleet.beat(cpuUsage=sent / 1000)
            quick.until(lambda m, sent=sent: m.is_node and m.data["metadata"].get("cpuUsage") == sent / 1000)
        assert any("too slow" in record.getMessage() for record in caplog.records)
        fleet.beat(cpuUsage=0.99)
        quick.until(lambda m: m.is_node and m.data["metadata"].get("cpuUsage") == 0.99)
        sleeper.settimeout(5)
        while sleeper.recv(65536):
            pass  # the cut stream ends: nothing more waits for this viewer


@dataclass
class Own:
    """An app with a Redis of its own that may be stopped."""

    app: Flask
    redis: RedisServer
    port: int
    fleet: Fleet


def own(folder: Path, settings: Settings, fast: bool) -> Iterator[Own]:
    state = StateFolder(folder)
    state.lock()
    redis = RedisServer(state, fast)
    redis.start()
    made = create_app(Settings(settings.database_url, redis.url(), cluster_auth=False))
    made.extensions["stream_hub"].keep_alive = 0.2
    try:
        with serving(made) as port, made.app_context():
            yield Own(made, redis, port, Fleet())
            db.session.remove()
            db.engine.dispose()
    finally:
        redis.stop()
        state.unlock()


@pytest.fixture
def kept(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Own]:
    """With a Redis that keeps its data over a restart."""
    yield from own(tmp_path, settings, fast=False)


@pytest.fixture
def forgetful(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Own]:
    """With a Redis that comes back empty."""
    yield from own(tmp_path, settings, fast=True)


def is_server(live: bool) -> Callable[[Message], bool]:
    return lambda message: isinstance(message.data, dict) and message.data.get("live") is live


def says(usage: float) -> Callable[[Message], bool]:
    def wanted(message: Message) -> bool:
        return message.is_node and message.data["metadata"].get("cpuUsage") == usage

    return wanted


def settled(own: Own) -> Reader:
    """A viewer that has seen the snapshot and then a heartbeat."""
    viewer = Reader(own.port)
    viewer.nodes(1)
    own.fleet.beat(cpuUsage=0.1)
    viewer.until(says(0.1))
    return viewer


@pytest.mark.parametrize("query", ["", "?view=patch"])
def test_viewers_are_told_when_redis_goes_and_when_it_is_back(kept: Own, query: str) -> None:
    kept.fleet.add()
    with watching(kept.port, query) as viewer:
        kept.fleet.beat()
        until(lambda: viewer.next() and viewer.last_id)
        kept.redis.stop()
        viewer.until(is_server(live=False))
        kept.redis.start()
        viewer.until(is_server(live=True))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis may be silent for less than a second, before it is asked and while it should answer."""
    monkeypatch.setattr(event_feed, "LISTEN_SECONDS", 0.3)


def test_viewers_are_told_when_redis_hangs_and_not_when_it_is_only_quiet(impatient: None, forgetful: Own) -> None:
    forgetful.fleet.add()
    with closing(settled(forgetful)) as viewer:
        assert forgetful.redis.process.pid is not None
        quiet_until = time.monotonic() + 1.0
        while time.monotonic() < quiet_until:
            assert not is_server(live=False)(viewer.next())
        os.kill(forgetful.redis.process.pid, signal.SIGSTOP)
        try:
            viewer.until(is_server(live=False))
        finally:
            os.kill(forgetful.redis.process.pid, signal.SIGCONT)
        viewer.until(is_server(live=True))


def test_after_a_restart_of_redis_a_viewer_goes_on_without_coming_anew(kept: Own) -> None:
    kept.fleet.add()
    with closing(settled(kept)) as viewer:
        kept.redis.stop()
        viewer.until(is_server(live=False))
        kept.redis.start()
        viewer.until(is_server(live=True))
        kept.fleet.beat(cpuUsage=0.2)
        viewer.until(says(0.2))


def test_after_a_restart_of_redis_a_position_from_before_still_counts(kept: Own) -> None:
    kept.fleet.add()
    viewer = settled(kept)
    with watching(kept.port) as other:
        viewer.close()
        kept.fleet.beat(cpuUsage=0.2)
        other.until(says(0.2))
        kept.redis.stop()
        other.until(is_server(live=False))
        kept.redis.start()
        other.until(is_server(live=True))
        with watching(kept.port, last_id=viewer.last_id) as back:
            [missed] = back.nodes(1)
    assert (missed.told, missed.data["metadata"]["cpuUsage"]) == (("heartbeat", "mac-mini"), 0.2)


def test_what_happened_while_redis_was_away_reaches_a_viewer_that_stayed(kept: Own) -> None:
    kept.fleet.add()
    viewer = settled(kept)
    kept.redis.stop()
    viewer.until(is_server(live=False))
    kept.fleet.beat(cpuUsage=0.2)
    kept.fleet.add("second")
    kept.redis.start()
    kept.fleet.beat(cpuUsage=0.3)
    known: dict[str, float] = {}

    def knows_all() -> bool:
        nonlocal viewer
        message = viewer.next()
        if message is None:
            viewer = Reader(kept.port, last_id=viewer.last_id)
        elif message.is_node:
            known[message.data["nodeId"]] = message.data["metadata"].get("cpuUsage", 0)
        return known.get("mac-mini") == 0.3 and "second" in known

    until(knows_all, 15)
    viewer.close()


def test_a_redis_that_comes_back_empty_means_a_fresh_snapshot(forgetful: Own) -> None:
    forgetful.fleet.add()
    viewer = settled(forgetful)
    forgetful.redis.stop()
    forgetful.redis.start()
    assert viewer.ended()
    with watching(forgetful.port, last_id=viewer.last_id) as back:
        assert back.told(1) == [("snapshot", "mac-mini")]
        forgetful.fleet.beat(cpuUsage=0.2)
        back.until(says(0.2))


def test_a_stream_opened_without_redis_still_shows_the_fleet(kept: Own) -> None:
    kept.fleet.add()
    kept.redis.stop()
    with watching(kept.port) as viewer:
        assert viewer.told(1) == [("snapshot", "mac-mini")]
        viewer.until(is_server(live=False))


def test_a_viewer_that_came_while_nothing_could_be_heard_is_sent_for_a_fresh_snapshot(kept: Own) -> None:
    kept.fleet.add()
    kept.redis.stop()
    with watching(kept.port) as viewer:
        viewer.told(1)
        kept.redis.start()
        assert viewer.ended()
    with watching(kept.port) as viewer:
        assert viewer.told(1) == [("snapshot", "mac-mini")]
