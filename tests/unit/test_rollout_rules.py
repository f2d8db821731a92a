"""Which nodes an upgrade is for, and in which order."""

from typing import Any

import pytest

from app.domain.nodes.node import Node
from app.domain.nodes.status import NodeStatus, StatusReason
from app.domain.upkeep import lifecycle
from app.domain.upkeep.lifecycle import Rollout, sorted_out, stopped

NEW, OLD = "a" * 64, "b" * 64


def node(node_id: str = "n1", build: str = OLD, status: NodeStatus = NodeStatus.ONLINE, managed: bool = True) -> Node:
    said: dict[str, Any] = dict.fromkeys(Node._fields)
    known = {"node_id": node_id, "status": status, "reason": StatusReason.HEARTBEAT, "managed": managed}
    return Node(**{**said, **known, "metadata": {"build": build} if build else {}})


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (node(), None),
        (node(status=NodeStatus.DEGRADED), None),
        (node(build=NEW), lifecycle.UP_TO_DATE),
        (node(build=""), lifecycle.FROM_SOURCE),
        (node(status=NodeStatus.OFFLINE), lifecycle.OFFLINE),
        (node(managed=False), lifecycle.NOT_MANAGED),
    ],
)
def test_a_node_is_upgraded_only_when_it_can_be(one: Node, why: str | None) -> None:
    assert lifecycle.objection(one, NEW) == why


def test_nodes_are_taken_in_the_order_of_their_ids_and_others_are_named() -> None:
    fit, left_out = sorted_out([node("b"), node("c", build=NEW), node("a")], NEW)

    assert (fit, left_out) == (["a", "b"], {"c": lifecycle.UP_TO_DATE})


def test_some_go_first_and_the_rest_follows() -> None:
    rollout = Rollout(NEW, "2", ("a", "b", "c"), canary=2)

    assert (rollout.first, rollout.others) == (("a", "b"), ("c",))
    assert Rollout.from_stored(rollout.stored()) == rollout


def test_a_stop_names_what_failed_and_what_was_done() -> None:
    said = stopped(2, 9, ["a: no", "b: no", "c: no", "d: no", "e: no"])

    assert said == "Stopped: a: no; b: no; c: no and 2 more. 2 of 9 were upgraded, the rest was left as it is"
