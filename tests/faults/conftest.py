"""The fault matrix: what is broken on purpose, what is expected, what was seen. One row of the table per fault."""

import pytest

from tests.kit.proof import Proof

PROOF = Proof("faults", "Faults, and what came of them", "make proof-faults")


@pytest.fixture
def proof() -> Proof:
    """Where a fault's row goes: `proof.row("F7 Redis killed 20 times", "no write lost, ...", "0 lost, ...")`."""
    return PROOF


def pytest_sessionfinish() -> None:
    """Write the table of a full run."""
    PROOF.write()
