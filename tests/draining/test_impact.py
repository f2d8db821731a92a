"""GET /nodes/:id/impact: what a step would hit, told before it is taken."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.agents.spec import OnNodeLoss, Wanted
from app.domain.upkeep.impact import Blow, Target, unmoved
from app.models import AgentRow
from tests.agents.orders import ask, register
from tests.draining.conftest import Machines


def impact(client: FlaskClient, action: str, node_id: str = "n1") -> Any:
    return ask(client, "GET", f"/nodes/{node_id}/impact?action={action}", 200)


def test_each_place_is_reckoned_with_those_given_before(client: FlaskClient, machines: Machines) -> None:
    machines("n1", "n2", "n3", memory_mb=1000)
    for agent in ("a", "b", "c"):
        register(client, agent, nodeId="n1", needs={"memoryMb": 300})
    register(client, "d", nodeId="n2", needs={"memoryMb": 200})

    told = impact(client, "drain")

    assert [(one["agentId"], one["goesTo"]) for one in told["agents"]] == [("a", "n3"), ("b", "n2"), ("c", "n3")]
    assert (told["hit"], told["fitNowhere"]) == (3, 0)
    assert {row.node_id for row in AgentRow.query.filter(AgentRow.agent_id.in_(["a", "b", "c"]))} == {"n1"}


def test_what_fits_nowhere_is_counted_and_says_why(client: FlaskClient, machines: Machines) -> None:
    machines("n1", "n2", memory_mb=1000)
    for agent in ("a", "b"):
        register(client, agent, nodeId="n1", needs={"memoryMb": 500})
    register(client, "c", nodeId="n2", needs={"memoryMb": 400})

    told = impact(client, "drain")

    assert (told["hit"], told["fitNowhere"]) == (2, 1)
    assert told["agents"][1] == {
        "agentId": "b",
        "name": "b",
        "goesTo": None,
        "reason": "fits nowhere: n2 has 100 MB of memory free, 500 MB needed",
    }


def test_agents_that_are_only_seen_are_hit_too(client: FlaskClient, machines: Machines) -> None:
    machines("n1").beat("n1", scope="node", agents=["stranger"])
    [one] = impact(client, "drain")["agents"]
    assert (one["goesTo"], one["reason"]) == (None, "stays: nobody registered it, so only its own node can start it")
    assert impact(client, "restart")["agents"][0]["reason"] == "is restarted where it is"


def test_without_the_node_an_agent_goes_by_its_policy(client: FlaskClient, machines: Machines) -> None:
    machines("n1", "n2")
    for policy in ("stay", "stop", "move"):
        register(client, policy, nodeId="n1", onNodeLoss=policy)
    told = {one["agentId"]: (one["goesTo"], one["reason"]) for one in impact(client, "revoke")["agents"]}
    assert told == {
        "stay": (None, "goes on there, and nobody sees it any more"),
        "stop": (None, "is stopped by its node when its lease of 60 s runs out"),
        "move": ("n2", "is started on n2 when its lease of 60 s has surely run out"),
    }
    assert {one["goesTo"] for one in impact(client, "delete")["agents"]} == {None}


def test_it_asks_for_a_step_that_there_is(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    assert "action" in ask(client, "GET", "/nodes/n1/impact?action=explode", 400)["fields"]
    assert ask(client, "GET", "/nodes/nobody/impact?action=drain", 404)["code"] == "unknown_node"


@pytest.mark.parametrize(
    ("blow", "said", "moves"),
    [
        (Blow.DRAIN, {}, True),
        (Blow.DRAIN, {"wanted": Wanted.STOPPED}, True),
        (Blow.DRAIN, {"registered": False}, False),
        (Blow.DRAIN, {"command_known": False}, False),
        (Blow.RESTART, {}, False),
        (Blow.DELETE, {"on_node_loss": OnNodeLoss.MOVE}, False),
        (Blow.REVOKE, {"on_node_loss": OnNodeLoss.MOVE}, True),
        (Blow.REVOKE, {"on_node_loss": OnNodeLoss.MOVE, "wanted": Wanted.STOPPED}, False),
        (Blow.REVOKE, {"on_node_loss": OnNodeLoss.MOVE, "command_known": False}, False),
        (Blow.REVOKE, {"on_node_loss": OnNodeLoss.STOP}, False),
        (Blow.REVOKE, {}, False),
    ],
)
def test_who_goes_elsewhere(blow: Blow, said: dict[str, Any], moves: bool) -> None:
    usual = {"registered": True, "command_known": True, "may_overlap": False, "wanted": Wanted.RUNNING}
    target = Target("a", **{**usual, "on_node_loss": OnNodeLoss.STAY, "lease_seconds": 60, **said})
    assert (unmoved(blow, target) is None) is moves
