"""The stream of several processes, and of a neighbour on the same Redis server."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from config import Settings
from tests.api.sse import serving, settled, usage, watching
from tests.fleet import Fleet


@pytest.fixture
def other_port(app: Flask, settings: Settings) -> Iterator[int]:
    """The port of a second process with a hub of its own."""
    second = create_app(settings)
    with serving(second) as found:
        yield found
    with second.app_context():
        db.engine.dispose()


def test_a_neighbour_in_another_database_of_the_same_redis_is_not_heard(
    app: Flask, settings: Settings, port: int, three: Fleet
) -> None:
    base, _, _ = settings.redis_url.rpartition("/")
    neighbour = create_app(replace(settings, redis_url=f"{base}/63"))
    with watching(port) as viewer:
        viewer.nodes(3)
        with neighbour.app_context():
            three.beat("n-1", cpuUsage=0.22)
            neighbour.extensions["event_bus"].drain(5)
            db.session.remove()
            db.engine.dispose()
        three.beat("n-2", cpuUsage=0.33)
        found = viewer.until(usage(0.33))
    neighbour.extensions["redis_client"].flushdb()
    assert not any(map(usage(0.22), found))


def test_two_processes_tell_their_viewers_the_same(port: int, other_port: int, three: Fleet) -> None:
    with watching(port) as one, watching(other_port) as two:
        for viewer in (one, two):
            viewer.nodes(3)
        three.beat("n-1", cpuUsage=0.66)
        for viewer in (one, two):
            viewer.until(usage(0.66))


def test_a_viewer_may_come_back_to_another_process(port: int, other_port: int, three: Fleet) -> None:
    with watching(other_port) as warm:
        warm.nodes(3)
        viewer = settled(port, three)
        viewer.close()
        three.beat("n-2", cpuUsage=0.55)
        warm.until(usage(0.55))
        with watching(other_port, last_id=viewer.last_id) as back:
            assert back.told(1) == [("heartbeat", "n-2")]
