"""A whole control plane with a Celery worker, and a machine of its own folder to deploy to."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings
from tests.gateways.ssh.machines import SSHD, Sshd
from tests.journeys.control_plane import QUICK, ControlPlane


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of the user on the machine."""
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.fixture
def machine(tmp_path: Path, home: Path) -> Iterator[Sshd]:
    """A real sshd whose sessions live in a home folder of their own, so that nothing of ours is touched."""
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed (Debian: openssh-server)")
    folder = tmp_path / "sshd"
    folder.mkdir()
    inside = f"HOME={home} XDG_RUNTIME_DIR=/nonexistent PATH={os.environ['PATH']}"
    command = f'cd {home} && exec env {inside} /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
    with Sshd(folder, f"ForceCommand {command}") as server:
        yield server


@pytest.fixture
def plane(tmp_path: Path, app: object, settings: Settings) -> Iterator[ControlPlane]:
    """Web, Celery and beat, with sign-in off and a SECRET_KEY."""
    del app
    folder = tmp_path / "plane"
    folder.mkdir()
    made = ControlPlane(folder, settings.database_url, settings.redis_url, QUICK)
    made.environment |= {"SECRET_KEY": "a key for tests that is long enough", "AGENT_COMMAND": "sleep 1000"}
    try:
        yield made.start()
    finally:
        made.stop()
