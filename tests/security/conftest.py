"""The proofs of one run end in one table."""

import pytest

from tests.kit.proof import Proof

PROOF = Proof("security", "What was proven about security", "make proof-security")


@pytest.fixture
def proof() -> Proof:
    """Where a proof notes what it saw."""
    return PROOF


def pytest_sessionfinish() -> None:
    """Write the table of a full run."""
    PROOF.write()
