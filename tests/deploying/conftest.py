"""One control plane per test process, and for each test a machine of its own folder to deploy to."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from config import Settings
from tests.deploying.orders import ended
from tests.gateways.ssh.machines import SSHD, Sshd
from tests.journeys.conftest import a_database
from tests.journeys.control_plane import QUICK, ControlPlane

SECRET_KEY = "a key for tests that is long enough"
# Its own, since a database number is shared by all that one test process starts.
REDIS_OFFSET = 30


@pytest.fixture(scope="session")
def shared_plane(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[ControlPlane]:
    """Web, Celery and beat, with sign-in off, a SECRET_KEY and a short lease; who stops a part starts it again."""
    redis, _, number = settings.redis_url.rpartition("/")
    with a_database(settings, "deploying") as url:
        folder = tmp_path_factory.mktemp("deploying")
        made = ControlPlane(folder, url, f"{redis}/{int(number) + REDIS_OFFSET}", QUICK)
        made.environment |= {"SECRET_KEY": SECRET_KEY, "AGENT_COMMAND": "sleep 1000", "JOB_LEASE": "8"}
        try:
            yield made.start()
        finally:
            made.stop()


@pytest.fixture
def plane(shared_plane: ControlPlane) -> Iterator[ControlPlane]:
    """The control plane; no job is left at work."""
    yield shared_plane
    for job in shared_plane.get("/jobs")[1]["jobs"]:
        if job["state"] in ("queued", "running"):
            shared_plane.post(f"/jobs/{job['id']}/cancel")
            ended(shared_plane, job["id"])


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The home folder of the user on the machine; the daemon and its agents outlive a deploy, not a test."""
    made = tmp_path / "home"
    made.mkdir()
    yield made
    for pid in processes_of(made):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Where a test puts programs that the machine finds before its own."""
    made = tmp_path / "bin"
    made.mkdir()
    add_program(made, "crontab", 'if [ "$1" = -l ]; then cat "$HOME/crontab"; else cat >"$HOME/crontab"; fi')
    return made


@pytest.fixture
def machine(tmp_path: Path, home: Path, programs: Path) -> Iterator[Sshd]:
    """A real sshd whose sessions live in a home folder of their own, so that nothing of ours is touched."""
    with a_machine(tmp_path, home, programs) as server:
        yield server


@contextmanager
def a_machine(folder: Path, home: Path, programs: Path, before: str = "") -> Iterator[Sshd]:
    """The same, with a command that every session runs first, as a login file would."""
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed (Debian: openssh-server)")
    own = folder / "sshd"
    own.mkdir(parents=True)
    inside = f"HOME={home} XDG_RUNTIME_DIR=/nonexistent PATH={programs}:{os.environ['PATH']}"
    command = f'{before} cd {home} && exec env {inside} /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
    with Sshd(own, f"ForceCommand {command}") as server:
        yield server


def add_program(folder: Path, name: str, script: str) -> None:
    """A shell script that stands for a program of the machine."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def processes_of(home: Path) -> list[int]:
    """Every process that has this home folder in its environment."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdecimal() and f"HOME={home}\0".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found
