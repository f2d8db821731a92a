"""A real server for the stream."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.api.streaming.hub import Hub
from app.api.streaming.snapshots import Snapshots
from tests.api.sse import serving
from tests.fleet import Fleet, until


@pytest.fixture
def hub(app: Flask) -> Hub:
    """The hub of the app; a snapshot of the fleet of an earlier test is forgotten."""
    found: Hub = app.extensions["stream_hub"]
    found.snapshots = Snapshots()
    return found


@pytest.fixture
def port(app: Flask, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a real server with a quick keep-alive, so that it notices soon who has gone."""
    monkeypatch.setattr(hub, "keep_alive", 0.2)
    with serving(app) as found:
        yield found
    until(lambda: not hub.viewers)


@pytest.fixture
def three(fleet: Fleet) -> Fleet:
    """A fleet of three nodes."""
    for number in range(3):
        fleet.add(f"n-{number}")
    return fleet
