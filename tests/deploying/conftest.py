"""One control plane per test process, a machine of its own folder for each test; or neither, just what is asked for."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from app.gateways import task_queue
from config import Settings
from tests.deploying.fresh import Fresh, a_fresh
from tests.deploying.machines import a_machine, add_program, processes_of
from tests.deploying.orders import ended
from tests.gateways.ssh.machines import Sshd
from tests.journeys.conftest import CALM, a_database, a_redis
from tests.journeys.control_plane import QUICK, ControlPlane
from tests.kit.hosts import Network, obstacle
from tests.kit.proof import Proof

SECRET_KEY = "a key for tests that is long enough"
WORKER_DATABASE = "postgresql://agents:canary@db/agents"
# Its own, since a database number is shared by all that one test process starts.
PROOF = Proof(
    "deploys",
    "What was proven about deploys",
    "make proof-deploys",
    "Every row is a test of `make long`; the shortest of their kind also run in `make test`.",
)


@pytest.fixture
def proof() -> Proof:
    """Where a proof notes what it saw."""
    return PROOF


def pytest_sessionfinish() -> None:
    """Write the table of a full run."""
    PROOF.write()


@contextmanager
def a_plane(folder: Path, settings: Settings, name: str, **environment: str) -> Iterator[ControlPlane]:
    """Web, Celery and beat on a database of that name, with a SECRET_KEY and a short lease; not started yet."""
    with a_database(settings, name) as url:
        made = ControlPlane(folder, url, a_redis(settings, name), QUICK)
        (folder / "tmp").mkdir()
        made.environment |= {
            "TMPDIR": str(folder / "tmp"),
            "SECRET_KEY": SECRET_KEY,
            "AGENT_COMMAND": "sleep 1000",
            "JOB_LEASE": "8",
            **CALM,
            **environment,
        }
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="session")
def shared_plane(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[ControlPlane]:
    """A control plane with sign-in off; who stops a part starts it again."""
    with a_plane(tmp_path_factory.mktemp("deploying"), settings, "deploying") as made:
        yield made.start()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the agent package of `packaged_plane` lies; each test writes the version that it wants."""
    return tmp_path_factory.mktemp("package") / "agent.tgz"


@pytest.fixture(scope="module")
def packaged_plane(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings, package: Path
) -> Iterator[ControlPlane]:
    """A control plane whose agents come in a package, for a module that has it for its own."""
    folder = tmp_path_factory.mktemp("runtime")
    environment = {
        "AGENT_PACKAGE": str(package),
        "AGENT_COMMAND": "the-agent --id {id}",
        "BUNDLE_DIR": str(folder / "bundles"),
        "WORKER_DATABASE_URL": WORKER_DATABASE,
        "JOB_LEASE": "60",  # as it is by default: here no Celery worker is lost
    }
    with a_plane(folder, settings, "runtime", **environment) as made:
        yield made.start()


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


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network | None]:
    """Where hosts of namespaces are; None where there can be none."""
    if obstacle():
        yield None
        return
    with Network(tmp_path_factory.mktemp("network") / "hosts") as made:
        yield made


@pytest.fixture
def make_fresh(network: Network | None, plane: ControlPlane, tmp_path: Path) -> Iterator[Callable[[str], Fresh]]:
    """Makes a machine that nobody has touched yet, and a user on it."""
    with ExitStack() as machines:
        yield lambda user: machines.enter_context(a_fresh(network, plane, user, tmp_path / user))


@pytest.fixture
def two_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Logins can be sealed, and two deploys of a request are at work at once."""
    changed = replace(app.extensions["settings"], secret_key="k" * 32, deploys_at_once=2)
    monkeypatch.setitem(app.extensions, "settings", changed)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The jobs whose messages were sent."""
    found: list[UUID] = []
    monkeypatch.setattr(task_queue, "send_job", lambda job_id: found.append(UUID(job_id)))
    return found
