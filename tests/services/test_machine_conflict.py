"""Two machines under one node id: the first goes on, the second is refused, both are told."""

import pytest
from flask.testing import FlaskClient

from app.domain.errors import NodeConflict
from app.services import nodes
from tests.fleet import CLUSTER, Fleet


@pytest.fixture
def taken(fleet: Fleet) -> Fleet:
    """A node that machine one reports for."""
    fleet.add(machine_id="one", host="10.0.0.1")
    fleet.beat(machineId="one", cpuUsage=0.1)
    return fleet


def test_a_second_machine_is_refused_with_a_way_out(taken: Fleet, client: FlaskClient) -> None:
    answer = client.post(f"{CLUSTER}/heartbeat/mac-mini", json={"machineId": "two", "cpuUsage": 0.9})
    assert (answer.status_code, answer.json["code"]) == (409, "node_conflict")
    assert "10.0.0.1" in answer.json["error"]
    assert "WORKER_NODE_ID" in answer.json["error"]


def test_the_report_of_the_second_machine_changes_no_figures(taken: Fleet) -> None:
    with pytest.raises(NodeConflict):
        taken.beat(machineId="two", cpuUsage=0.9)
    assert taken.node().cpu_usage == 0.1


def test_the_first_machine_goes_on_and_shows_the_issue(taken: Fleet) -> None:
    with pytest.raises(NodeConflict):
        taken.beat(machineId="two")
    taken.beat(machineId="one", cpuUsage=0.2)
    node = taken.node()
    assert (node.cpu_usage, node.status) == (0.2, "degraded")
    assert [issue.code for issue in node.issues] == ["duplicate_node_id"]


def test_the_conflict_is_in_the_timeline_once(taken: Fleet) -> None:
    for _ in range(3):
        with pytest.raises(NodeConflict):
            taken.beat(machineId="two")
    taken.beat(machineId="one")
    assert taken.reasons().count("conflict") == 1


def test_the_issue_clears_when_the_second_machine_has_given_up(taken: Fleet) -> None:
    with pytest.raises(NodeConflict):
        taken.beat(machineId="two")
    for _ in range(3):
        taken.age("mac-mini", 30)
        taken.beat(machineId="one", scope="node", agents=[])
    assert (taken.node().status, taken.node().issues) == ("online", ())


def test_the_second_machine_cannot_register_either(taken: Fleet, client: FlaskClient) -> None:
    said = {"nodeId": "mac-mini", "host": "10.0.0.2", "port": 3101, "machineId": "two"}
    assert client.post(f"{CLUSTER}/register", json=said).status_code == 409
    assert taken.node().host == "10.0.0.1"


def test_after_90_seconds_of_silence_the_second_machine_may_take_over(taken: Fleet) -> None:
    taken.silence("mac-mini", 80)
    with pytest.raises(NodeConflict):
        taken.beat(machineId="two")
    taken.silence("mac-mini", 91)
    taken.beat(machineId="two")
    assert taken.stored("mac-mini", "machine_id") == "two"
    with pytest.raises(NodeConflict):
        taken.beat(machineId="one")


def test_after_90_seconds_of_silence_the_second_machine_may_register(taken: Fleet) -> None:
    taken.silence("mac-mini", 91)
    assert taken.add(machine_id="two", host="10.0.0.2").host == "10.0.0.2"


def test_beats_without_a_machine_id_are_never_a_conflict(taken: Fleet) -> None:
    taken.beat(agents=["a-1"])
    assert taken.node().agents == ("a-1",)
    assert taken.stored("mac-mini", "machine_id") == "one"


def test_a_node_without_a_machine_id_takes_the_first_that_comes(fleet: Fleet) -> None:
    fleet.add()
    fleet.beat(machineId="one")
    with pytest.raises(NodeConflict):
        fleet.beat(machineId="two")


def test_a_refused_machine_does_not_keep_a_silent_node_alive(taken: Fleet) -> None:
    taken.silence("mac-mini", 80)
    before = taken.stored("mac-mini", "last_heartbeat")
    with pytest.raises(NodeConflict):
        taken.beat(machineId="two")
    assert taken.stored("mac-mini", "last_heartbeat") == before
    assert nodes.get_node("mac-mini").node.status == "degraded"
