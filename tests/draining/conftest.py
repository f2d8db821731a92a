"""A fleet whose daemons take agents."""

from tests.agents.conftest import Machines, machines, with_key

__all__ = ["Machines", "machines", "with_key"]
