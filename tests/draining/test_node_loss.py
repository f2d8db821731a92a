"""What becomes of agents whose node is not heard any more: stay, stop or move, never two copies."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.domain.agents.proof import Sight
from app.domain.upkeep.node_loss import is_probably_us, may_move
from app.extensions import db
from app.models import AgentRow
from app.services.agents import losing
from app.services.presence import silence
from tests.agents.machine import Machine
from tests.agents.orders import details, register
from tests.fleet import Fleet

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def lose(*machines: Machine, seconds: float = 91) -> list[str]:
    """The nodes are silent, and the checks that follow notice it."""
    for machine in machines:
        machine.silence(seconds)
    silence.mark_silent_nodes()
    return losing.move_from_lost_nodes()


def row(agent_id: str = "reader") -> AgentRow:
    found = db.session.get(AgentRow, agent_id, populate_existing=True)
    assert found is not None
    return found


def kinds(client: FlaskClient, agent_id: str = "reader") -> list[str]:
    return [event["kind"] for event in reversed(details(client, agent_id)["history"])]


def test_an_agent_that_may_move_is_started_elsewhere_under_a_new_epoch(
    client: FlaskClient, n1: Machine, n2: Machine
) -> None:
    register(client, nodeId="n1", onNodeLoss="move")
    n1.work()
    assert lose(n1) == ["reader"]
    assert (row().node_id, row().epoch) == ("n2", 2)
    n2.work()
    assert n2.processes == {"reader": (101, 2)}
    assert kinds(client) == ["registered", "node_lost", "moved"]


def test_a_node_that_comes_back_gives_up_what_was_moved(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1", onNodeLoss="move")
    n1.work()
    lose(n1)
    n1.work()
    assert n1.processes == {}


def test_it_waits_until_the_lease_has_surely_run_out(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1", onNodeLoss="move", leaseSeconds=120)
    n1.work()
    assert lose(n1, seconds=140) == []
    assert lose(n1, seconds=151) == ["reader"]


@pytest.mark.parametrize("policy", ["stay", "stop"])
def test_the_other_policies_move_nothing(client: FlaskClient, n1: Machine, n2: Machine, policy: str) -> None:
    register(client, nodeId="n1", onNodeLoss=policy)
    n1.work()
    assert lose(n1, seconds=1000) == []
    assert row().node_id == "n1"
    assert kinds(client) == ["registered", "node_lost"]


def test_one_that_is_to_be_stopped_is_not_moved(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1", onNodeLoss="move", wanted="stopped")
    n1.work()
    assert lose(n1) == []


def test_a_daemon_that_never_heard_of_the_lease_is_not_trusted_to_keep_it(
    client: FlaskClient, n1: Machine, n2: Machine
) -> None:
    register(client, nodeId="n1")
    n1.work()
    client.patch("/api/engine/cluster/agents/reader", json={"onNodeLoss": "move"})
    assert lose(n1, seconds=1000) == []


def test_a_node_that_was_lost_before_it_reported_an_agent_is_bound_by_the_lease_that_came_with_it(
    client: FlaskClient, n1: Machine, n2: Machine
) -> None:
    register(client, nodeId="n1", onNodeLoss="move")
    n1.beat()  # it starts the agent, and is not heard any more
    assert "reader" in n1.processes
    assert lose(n1) == ["reader"]


def test_a_lease_that_was_changed_before_the_node_reported_the_agent_is_not_relied_on(
    client: FlaskClient, n1: Machine, n2: Machine
) -> None:
    register(client, nodeId="n1")
    n1.beat()
    client.patch("/api/engine/cluster/agents/reader", json={"onNodeLoss": "move"})
    assert lose(n1, seconds=1000) == []


def test_an_agent_that_ran_there_before_it_was_registered_anew_is_not_trusted_to_know_its_new_lease(
    client: FlaskClient, n1: Machine, n2: Machine
) -> None:
    register(client, nodeId="n1")
    n1.work()
    client.delete("/api/engine/cluster/agents/reader")
    register(client, nodeId="n1", onNodeLoss="move")
    assert lose(n1, seconds=1000) == []


def test_when_most_of_the_fleet_is_late_nothing_is_moved(client: FlaskClient, fleet: Fleet) -> None:
    machines = [Machine(fleet, f"n{number}") for number in range(5)]
    register(client, nodeId="n0", onNodeLoss="move")
    machines[0].work()
    # The others are not silent yet, but none of them was heard in its time: probably us.
    for machine in machines[1:4]:
        machine.silence(70)
    assert lose(machines[0]) == []
    for machine in machines[1:4]:
        machine.beat()
    assert lose(machines[0]) == ["reader"]


def test_a_mass_outage_holds_moves_until_it_is_over(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1", onNodeLoss="move")
    n1.work()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE control_plane SET mass_outage_since = now(), mass_outage_nodes = 9"))
    n1.silence(1000)
    assert losing.move_from_lost_nodes() == []


def test_our_own_outage_moves_nothing(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1", onNodeLoss="move")
    n1.work()
    n1.fleet.listening_for(30)
    assert lose(n1, seconds=1000) == []
    n1.fleet.deaf_for(20)
    assert lose(n1, seconds=1000) == []


def test_what_fits_nowhere_is_told_once_and_tried_again(client: FlaskClient, n1: Machine) -> None:
    register(client, nodeId="n1", onNodeLoss="move")
    n1.work()
    assert (lose(n1), lose(n1)) == ([], [])
    assert kinds(client) == ["registered", "node_lost", "fits_nowhere"]
    Machine(n1.fleet, "n2")
    assert lose(n1) == ["reader"]


def test_a_heartbeat_that_came_in_between_wins(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1", onNodeLoss="move")
    n1.work()
    n1.silence(91)
    [due] = losing._due()
    n1.beat()
    assert losing._move(due) is False
    assert row().node_id == "n1"


def test_one_that_was_changed_in_between_is_not_claimed(client: FlaskClient, n1: Machine, n2: Machine) -> None:
    register(client, nodeId="n1", onNodeLoss="move")
    n1.work()
    n1.silence(91)
    [due] = losing._due()
    assert (losing._move(due), losing._move(due)) == (True, False)
    assert row().epoch == 2


@given(
    silent=st.floats(0, 2000), lease=st.integers(30, 600), up=st.booleans(), bound=st.booleans(), heard=st.booleans()
)
def test_a_move_is_never_too_early(silent: float, lease: int, up: bool, bound: bool, heard: bool) -> None:
    copy: dict[str, Any] = {"state": "running"}
    sight = Sight("n1", up, NOW - timedelta(seconds=silent) if heard else None, True, copy, bound)
    assert may_move(sight, lease, NOW) is (heard and bound and not up and silent > lease + 30)


@pytest.mark.parametrize(
    ("outage", "late", "fresh", "held"),
    [(None, 1, 2, False), (None, 2, 1, False), (None, 3, 2, True), (None, 3, 9, False), (NOW, 0, 9, True)],
)
def test_so_many_at_once_are_probably_us(outage: datetime | None, late: int, fresh: int, held: bool) -> None:
    assert is_probably_us(outage, late, fresh) is held
