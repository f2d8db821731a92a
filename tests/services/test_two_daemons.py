"""A copied disk: same machine id, same credential, another start of the daemon."""

import pytest
from flask.testing import FlaskClient

from app.domain.errors import NodeConflict, NodeNotFound
from tests.fleet import CLUSTER, Fleet


@pytest.fixture
def running(fleet: Fleet) -> Fleet:
    """A node whose daemon has beaten twice since its start `a`."""
    fleet.add(machine_id="m", boot_id="a", managed=True)
    for number in (1, 2):
        fleet.beat(machineId="m", bootId="a", beatNumber=number, cpuUsage=number / 10)
    return fleet


def test_a_late_duplicate_is_answered_and_changes_nothing(running: Fleet, client: FlaskClient) -> None:
    said = {"machineId": "m", "bootId": "a", "beatNumber": 1, "cpuUsage": 0.9}
    answer = client.post(f"{CLUSTER}/heartbeat/mac-mini", json=said)

    assert (answer.status_code, answer.json["ignored"]) == (200, True)
    assert running.node().cpu_usage == 0.2


def test_a_quick_restart_is_no_conflict_even_with_a_beat_still_on_its_way(running: Fleet) -> None:
    running.add(machine_id="m", boot_id="b", previous_boot_ids=("a",), managed=True)
    late = running.beat(machineId="m", bootId="a", beatNumber=3, cpuUsage=0.9)
    running.beat(machineId="m", bootId="b", beatNumber=1, cpuUsage=0.4)

    assert late.ignored
    assert (running.node().cpu_usage, running.node().issues) == (0.4, ())
    assert "conflict" not in running.reasons()


def test_the_first_machine_goes_on_and_the_copy_is_refused(running: Fleet) -> None:
    running.add(machine_id="m", boot_id="b", previous_boot_ids=("a",), managed=True, host="10.0.0.2")
    running.beat(machineId="m", bootId="b", beatNumber=1, cpuUsage=0.9)
    running.beat(machineId="m", bootId="a", beatNumber=3, cpuUsage=0.3)
    with pytest.raises(NodeNotFound):  # it shall register again: the address is that of the copy
        running.beat(machineId="m", bootId="a", beatNumber=4, cpuUsage=0.3)
    running.add(machine_id="m", boot_id="a", managed=True)
    running.beat(machineId="m", bootId="a", beatNumber=5, cpuUsage=0.3)

    with pytest.raises(NodeConflict):
        running.beat(machineId="m", bootId="b", beatNumber=2, cpuUsage=0.9)
    assert (running.node().cpu_usage, running.node().host) == (0.3, "127.0.0.1")
    assert [issue.code for issue in running.node().issues] == ["duplicate_node_id"]
    assert running.reasons().count("conflict") == 1


def test_a_machine_that_may_be_a_copy_is_asked_to_speak_again_soon(running: Fleet) -> None:
    running.add(machine_id="m", boot_id="b", previous_boot_ids=("a",), managed=True)

    assert running.beat(machineId="m", bootId="a", beatNumber=3).interval_ms <= 2000


def test_a_refused_copy_can_neither_register_nor_come_back_under_another_start(running: Fleet) -> None:
    for boot, previous in (("x", ()), ("x", ("w",)), ("y", ("x",))):
        with pytest.raises(NodeConflict):
            running.add(machine_id="m", boot_id=boot, previous_boot_ids=previous, managed=True)
    running.beat(machineId="m", bootId="a", beatNumber=3, cpuUsage=0.5)

    assert running.node().cpu_usage == 0.5


def test_the_copy_takes_over_when_the_first_has_been_silent_for_its_time(running: Fleet) -> None:
    with pytest.raises(NodeConflict):
        running.add(machine_id="m", boot_id="b", managed=True)
    running.silence("mac-mini", 91)
    running.add(machine_id="m", boot_id="b", managed=True)
    running.beat(machineId="m", bootId="b", beatNumber=1, cpuUsage=0.7)

    assert running.node().cpu_usage == 0.7
