"""A control plane whose daemon program a test may exchange, and machines that are folders."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings
from node_daemon import build
from tests.journeys.conftest import a_database, a_redis
from tests.journeys.control_plane import QUICK, WORKER, ControlPlane
from tests.lifecycle.places import Place, program


@pytest.fixture(scope="session")
def shared_plane(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[ControlPlane]:
    """Web, Celery and beat, with sign-in on; looked at as an admin's script."""
    with a_database(settings, "lifecycle") as url:
        folder = tmp_path_factory.mktemp("lifecycle")
        made = ControlPlane(folder, url, a_redis(settings, "lifecycle"), QUICK)
        made.environment |= {"AGENT_COMMAND": "sleep 1000", "WORKER_PROGRAM": str(folder / "worker.pyz")}
        made.environment |= {"UPGRADE_DEADLINE": "20", "CLUSTER_AUTH": "on", "AGENT_PACKAGE": "none"}
        build.write(folder / "worker.pyz", program("1"))
        try:
            made.start()
            made.sign_in()
            yield made
        finally:
            made.stop()


@pytest.fixture
def plane(shared_plane: ControlPlane) -> Iterator[ControlPlane]:
    """The control plane; it hands out version 1 until a test says otherwise."""
    yield shared_plane
    for node in shared_plane.get("/nodes")[1]["nodes"]:
        shared_plane.send("DELETE", f"/nodes/{node['nodeId']}")
    build.write(Path(shared_plane.environment["WORKER_PROGRAM"]), program("1"))


@pytest.fixture
def short_deadline(plane: ControlPlane) -> Iterator[None]:
    """A new daemon is soon taken back; only for one that is never heard."""
    plane.terminate("worker")
    plane.run("worker", *WORKER, UPGRADE_DEADLINE="3")
    yield
    plane.terminate("worker")
    plane.run("worker", *WORKER)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[list[Place]]:
    """The machines of a test; nothing outlives it there."""
    made: list[Place] = []
    yield made
    for place in made:
        place.end()
