"""Agents that a daemon tells of although they are not there: stopped, or crash-looping."""

from app.services import nodes
from tests.fleet import Fleet


def test_an_absent_agent_is_told_with_its_state_but_not_counted_as_running(fleet: Fleet) -> None:
    fleet.add(managed=True)
    fleet.beat(scope="node", agents=["a"], agentDetails=[{"agentId": "b", "name": "B", "state": "crash_looping"}])

    found = nodes.get_node("mac-mini")
    assert found.node.agents == ("a",)
    assert found.agents == [
        {"agentId": "a", "name": "a"},
        {"agentId": "b", "name": "B", "state": "crash_looping"},
    ]


def test_an_absent_agent_that_reports_itself_is_there_again_and_keeps_its_name(fleet: Fleet) -> None:
    fleet.add(managed=True)
    fleet.beat(scope="node", agents=[], agentDetails=[{"agentId": "b", "name": "B", "state": "stopped"}])
    fleet.beat(agents=["b"])

    assert fleet.node().agents == ("b",)
    assert nodes.get_node("mac-mini").agents[0]["name"] == "B"
