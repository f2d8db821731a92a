"""A fleet whose daemons take agents."""

from tests.agents.conftest import Machines, machines, n1, n2, with_key

__all__ = ["Machines", "machines", "n1", "n2", "with_key"]
