"""When a deploy counts its node, and each of its agents, as seen."""

from datetime import UTC, datetime, timedelta

from app.domain.deploying.request import AgentOrder, DeployOrder
from app.services.deploying.registration import wait_for_node
from tests.fleet import Fleet

ORDER = DeployOrder("10.0.0.9", "root", f"SHA256:{'a' * 43}", "fresh", agents=(AgentOrder("a-1"),))


def test_an_agent_is_waited_for_until_its_node_says_that_it_is_at_work(fleet: Fleet) -> None:
    fleet.add("fresh", managed=True, boot_id="earlier", agents=("a-1",))
    beat(fleet, "earlier", 1, "running", pid=6)
    fleet.add("fresh", managed=True, boot_id="b", previous_boot_ids=("earlier",), agents=("a-1",))
    states = ["stopped", "starting", "crash_looping", "running"]

    def heed() -> None:
        beat(fleet, "b", 5 - len(states), states.pop(0), pid=7)

    (seen,) = wait_for_node(ORDER, datetime.now(UTC) - timedelta(minutes=1), heed)

    assert (seen["pid"], states) == (7, [])


def beat(fleet: Fleet, boot: str, number: int, state: str, pid: int) -> None:
    detail = {"agentId": "a-1", "state": state, "pid": pid}
    said = {"bootId": boot, "beatNumber": number, "agents": ["a-1"], "agentDetails": [detail]}
    fleet.beat("fresh", scope="node", **said)
