"""The orders of node lists."""

import random
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.nodes.order import sort_key
from app.domain.query import QueryError
from tests.unit.machines import NOON, Machine


def fleet() -> list[Machine]:
    nodes = [
        Machine("a", "beta", status="online", cpu_usage=0.1, agents=("x",), last_heartbeat=None),
        Machine("b", "Alpha", status="offline", cpu_usage=None, agents=(), registered_at=NOON + timedelta(days=1)),
        Machine("c", "Gamma", status="degraded", cpu_usage=0.9, last_heartbeat=NOON - timedelta(seconds=30)),
        Machine("d", "beta", status="online", cpu_usage=0.1, agents=("x",)),
    ]
    random.Random(7).shuffle(nodes)
    return nodes


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("status", "bcad"),
        ("-status", "adcb"),
        ("name", "badc"),
        ("-name", "cadb"),
        ("cpu", "cadb"),
        ("-cpu", "adcb"),
        ("agents", "cadb"),
        ("-agents", "badc"),
        ("seen", "bdca"),
        ("-seen", "cbda"),
        ("registered", "acdb"),
        ("-registered", "bacd"),
        ("disk", "abcd"),
    ],
)
def test_nodes_are_ordered(order: str, expected: str) -> None:
    assert "".join(node.node_id for node in sorted(fleet(), key=sort_key(order))) == expected


@given(
    order=st.sampled_from(["status", "name", "cpu", "mem", "disk", "agents", "seen", "registered"]),
    minus=st.sampled_from(["", "-"]),
    nodes=st.lists(
        st.builds(
            Machine,
            node_id=st.text("abc", min_size=1, max_size=3),
            name=st.text("aAbB", max_size=2),
            status=st.sampled_from(["online", "degraded", "offline"]),
            cpu_usage=st.none() | st.floats(0, 1),
            last_heartbeat=st.none() | st.datetimes(timezones=st.just(UTC)),
        ),
        unique_by=lambda node: node.node_id,
    ),
    seed=st.randoms(use_true_random=False),
)
def test_an_order_is_total_whatever_the_order_before(
    order: str, minus: str, nodes: list[Machine], seed: random.Random
) -> None:
    shuffled = list(nodes)
    seed.shuffle(shuffled)

    assert sorted(shuffled, key=sort_key(minus + order)) == sorted(nodes, key=sort_key(minus + order))


@pytest.mark.parametrize("name", ["", "-", "colour", "--name", "Name"])
def test_an_unknown_order_names_the_orders(name: str) -> None:
    with pytest.raises(QueryError, match="status, name, cpu, mem, disk, agents, seen, registered") as refusal:
        sort_key(name)

    assert refusal.value.term == name
