"""Issues make a node degraded, and degraded nodes become online again, each told once with its reason."""

from typing import Any

import pytest

from app.services import nodes
from tests.fleet import Fleet


@pytest.fixture
def node(fleet: Fleet) -> Fleet:
    """A fleet of one node."""
    fleet.add(agents=("a-1", "a-2"))
    return fleet


def beats(fleet: Fleet, count: int, **said: Any) -> str:
    """Several beats, half a minute apart; the status after them."""
    for _ in range(count):
        fleet.age("mac-mini", 30)
        fleet.beat(**said)
    return str(fleet.node().status)


@pytest.mark.parametrize(
    ("said", "needed", "code"),
    [
        ({"cpuUsage": 0.95}, 3, "cpu_pressure"),
        ({"memoryUsage": 0.95}, 3, "memory_pressure"),
        ({"diskUsage": 0.95}, 1, "disk_nearly_full"),
        ({"clock": "2020-01-01T00:00:00Z"}, 1, "clock_skew"),
        ({"version": "0.0.9"}, 1, "daemon_too_old"),
        ({"scope": "node", "agents": [], "issues": [{"code": "agent_crash_loop", "message": "a-1 loops"}]}, 1, None),
    ],
)
def test_trouble_makes_a_node_degraded_after_enough_beats(
    node: Fleet, said: dict[str, Any], needed: int, code: str | None
) -> None:
    if needed > 1:
        assert beats(node, needed - 1, **said) == "online"
    assert beats(node, 1, **said) == "degraded"
    assert [issue.code for issue in node.node().issues] == [code or "agent_crash_loop"]


def test_a_node_becomes_online_again_with_the_second_clean_beat(node: Fleet) -> None:
    beats(node, 1, diskUsage=0.95)
    assert beats(node, 1, diskUsage=0.5) == "degraded"
    assert beats(node, 1, diskUsage=0.5) == "online"


def test_beats_within_ten_seconds_count_once(node: Fleet) -> None:
    for _ in range(6):
        node.beat(cpuUsage=0.99)
    assert node.node().status == "online"
    beats(node, 1, diskUsage=0.95)
    for _ in range(4):
        node.beat(diskUsage=0.1)
    assert node.node().status == "degraded"


def test_each_change_is_told_once_with_its_reason_and_sentence(node: Fleet) -> None:
    beats(node, 3, diskUsage=0.95)
    beats(node, 4, diskUsage=0.5)
    assert node.reasons() == ["registered", "issues", "issues_cleared"]
    _, issues, _ = nodes.timeline("mac-mini", None, 9)[::-1]
    assert (issues.message, issues.agents) == ("Disk above 90 %", ["a-1", "a-2"])


def test_a_second_issue_of_a_degraded_node_is_no_second_transition(node: Fleet) -> None:
    beats(node, 1, diskUsage=0.95)
    beats(node, 1, version="0.0.9")
    assert node.reasons() == ["registered", "issues"]
    assert len(node.node().issues) == 2


def test_a_node_that_comes_back_in_trouble_is_degraded_at_once(node: Fleet) -> None:
    beats(node, 1, diskUsage=0.95)
    node.age("mac-mini", 200)
    assert node.node().status == "offline"
    node.beat()
    assert node.node().status == "degraded"


def test_a_calm_heartbeat_writes_no_strains(node: Fleet) -> None:
    beats(node, 3, cpuUsage=0.5, memoryUsage=0.5, diskUsage=0.5)
    assert node.stored("mac-mini", "strains") == {}


def test_an_issue_keeps_its_beginning_while_it_goes_on(node: Fleet) -> None:
    beats(node, 1, diskUsage=0.95)
    began = node.node().issues[0].since
    node.beat(diskUsage=0.97)
    assert node.node().issues[0].since == began
