"""The fault matrix: what is broken on purpose, what is expected, what was seen. One row of the table per fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import migrate
from tests.faults.stand import TIMES, Stand
from tests.journeys.control_plane import ControlPlane
from tests.kit.proof import Proof
from tests.kit.stores import Stores, open_folder

NOTE = "What is short enough also runs, with smaller counts, in `make test`; the rest in `make long`."
PROOF = Proof("faults", "Faults, and what came of them", "make proof-faults", NOTE)


@pytest.fixture
def proof() -> Proof:
    """Where a fault's row goes: `proof.row("F7 Redis killed 20 times", "no write lost, ...", "0 lost, ...")`."""
    return PROOF


@contextmanager
def a_stand(folder: Path, stores_folder: Path) -> Iterator[Stand]:
    """A control plane on stores of its own."""
    with Stores(stores_folder, max_connections=40) as stores:
        migrate(stores.postgres.url, stores.redis.url)
        plane = ControlPlane(folder, stores.postgres.url, stores.redis.url, TIMES)
        try:
            yield Stand(plane.start(), stores)
        finally:
            plane.stop()


@pytest.fixture(scope="session")
def shared_stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One for all tests: each also shows that it recovered from the last."""
    with open_folder() as folder, a_stand(tmp_path_factory.mktemp("stand"), folder / "stores") as made:
        yield made


@pytest.fixture
def stand(shared_stand: Stand) -> Iterator[Stand]:
    """It is well, and has no nodes of earlier tests."""
    shared_stand.settle()
    yield shared_stand
    shared_stand.settle()


def pytest_sessionfinish() -> None:
    """Write the table of a full run."""
    PROOF.write()
