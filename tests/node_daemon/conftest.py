"""Fixtures of the daemon's tests: a state folder, a control plane with characters, real daemons."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from built_in_supervisor import make  # noqa: E402 - the line above is what finds it
from daemon_doubles import Daemon, FakeControlPlane, end_agents  # noqa: E402

from node_daemon.state import StateFolder  # noqa: E402
from tests import lease_watchers  # noqa: E402

__all__ = ["make"]


@pytest.fixture
def control_plane() -> Iterator[FakeControlPlane]:
    server = FakeControlPlane()
    yield server
    server.close()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFolder]:
    """A state folder; agents that it knows of are ended after the test."""
    folder = StateFolder(tmp_path / "home")
    folder.make()
    yield folder
    end_agents(folder.path)


@pytest.fixture
def daemon(tmp_path: Path, control_plane: FakeControlPlane) -> Iterator[Daemon]:
    """A daemon that can be started, killed and started again, with two agents that sleep."""
    one = Daemon(tmp_path / "home", control_plane.url)
    one.write_agents(["demo-1", "demo-2"])
    yield one
    one.end()
    lease_watchers.end(one.home)
    end_agents(one.home / ".agenticmail" / "daemon")
