"""Agents and the loss of machines: a fleet of real daemons on a network that can be cut, and the table of its proof."""

from collections.abc import Iterator

import pytest

from config import Settings
from tests.kit.hosts import obstacle
from tests.kit.proof import Proof
from tests.survival.town import Town, a_town

NOTE = "Every row is a test that also runs, with fewer agents and shorter times, in `make long`."
PROOF = Proof("agents", "What becomes of agents when machines are drained or lost", "make proof-agents", NOTE)


@pytest.fixture
def proof() -> Proof:
    """Where a row goes."""
    return PROOF


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[Town]:
    """Nodes and agents, all at work. Each test leaves them so."""
    if obstacle():
        pytest.skip(f"nodes need root and namespaces: {obstacle()}")
    with a_town(tmp_path_factory.mktemp("town"), settings, PROOF) as made:
        yield made


def pytest_sessionfinish() -> None:
    """Write the table of a full run."""
    PROOF.write()
