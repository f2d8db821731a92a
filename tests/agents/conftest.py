"""A fleet whose daemons take agents."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.agents.machine import Machine
from tests.fleet import Fleet

Machines = Callable[..., Fleet]


@pytest.fixture
def with_key(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control plane can seal what it stores."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], secret_key="k" * 32))


@pytest.fixture
def machines(fleet: Fleet) -> Machines:
    """Nodes of 8 cores and 16,000 MB with a daemon that takes agents, none of it in use unless said otherwise."""

    def add(*node_ids: str, **said: Any) -> Fleet:
        usage = {key: said.pop(key, 0.0) for key in ("cpuUsage", "memoryUsage")}
        for node_id in node_ids:
            fleet.add(node_id, managed=True, **{"cpu_count": 8, "memory_mb": 16000, **said})
            fleet.beat(node_id, scope="node", agents=[], assignments=0, **usage)
        return fleet

    return add


@pytest.fixture
def n1(fleet: Fleet) -> Machine:
    return Machine(fleet, "n1")


@pytest.fixture
def n2(fleet: Fleet) -> Machine:
    return Machine(fleet, "n2")
