"""Which node takes an agent, and what is said when none can."""

import dataclasses
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.placement import Candidate, Demand, NoCapacity, best_node, objection

NOTHING = Demand(frozenset())
GPU = Demand(frozenset({"gpu"}))


def node(node_id: str, **changes: Any) -> Candidate:
    base = Candidate(node_id, "online", True, frozenset(), 0, 0.1, 0.5, 16000)
    return dataclasses.replace(base, **changes)


def refusal(fleet: list[Candidate], demand: Demand) -> NoCapacity:
    with pytest.raises(NoCapacity) as caught:
        best_node(fleet, demand)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "demand", "words"),
    [
        ({}, NOTHING, None),
        ({"capabilities": frozenset({"gpu", "voice"})}, GPU, None),
        ({"status": "degraded"}, NOTHING, None),
        ({"status": "offline", "schedulable": False}, GPU, "is offline"),
        ({"schedulable": False}, GPU, "is cordoned"),
        ({}, GPU, "lacks gpu"),
        ({"capabilities": frozenset({"b"})}, Demand(frozenset("abc")), "lacks a and c"),
        ({}, Demand(frozenset("abcdef")), "lacks a, b, c and 3 more"),
        ({}, Demand(frozenset(), memory_mb=8000), None),
        ({}, Demand(frozenset(), memory_mb=8001), "has 8000 MB of memory free, 8001 MB needed"),
        ({"memory_usage": None}, Demand(frozenset(), memory_mb=16000), None),
        ({"memory_usage": None}, Demand(frozenset(), memory_mb=16001), "has 16000 MB of memory free, 16001 MB needed"),
        ({"memory_mb": 0, "memory_usage": None}, NOTHING, None),
    ],
)
def test_an_objection_says_what_is_in_the_way(changes: dict[str, Any], demand: Demand, words: str | None) -> None:
    assert objection(node("a", **changes), demand) == words


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"agents": 9, "cpu_usage": 0.9}, {"status": "degraded", "cpu_usage": 0.0}),
        ({"agents": 1, "cpu_usage": 0.9}, {"agents": 2, "cpu_usage": 0.0}),
        ({"cpu_usage": 0.1, "memory_usage": 0.9}, {"cpu_usage": 0.2, "memory_usage": 0.0}),
        ({"memory_usage": 0.1}, {"memory_usage": 0.2}),
        ({"cpu_usage": 0.9}, {"cpu_usage": None}),
        ({"memory_usage": 0.9}, {"memory_usage": None}),
        ({"cpu_usage": 0.9}, {"status": "offline"}),
        ({"cpu_usage": 0.9}, {"schedulable": False}),
    ],
)
def test_the_less_loaded_node_is_chosen(better: dict[str, Any], worse: dict[str, Any]) -> None:
    chosen, other = node("z", **better), node("a", **worse)

    assert best_node([other, chosen], NOTHING) is chosen


def test_capabilities_come_before_load() -> None:
    busy = node("busy", agents=40, capabilities=frozenset({"gpu"}))

    assert best_node([node("idle"), busy], GPU) is busy


def test_equal_nodes_are_settled_by_id() -> None:
    assert best_node([node("b"), node("a"), node("c")], NOTHING).node_id == "a"


def test_a_small_fleet_is_refused_node_by_node() -> None:
    fleet = [node("c"), node("a", status="offline"), node("b", schedulable=False)]

    refused = refusal(fleet, GPU)

    assert str(refused) == "a is offline; b is cordoned; c lacks gpu"
    assert refused.reasons == [("c", "lacks gpu"), ("a", "is offline"), ("b", "is cordoned")]


def test_a_big_fleet_is_refused_by_counts() -> None:
    fleet = [node(f"off-{n}", status="offline") for n in range(12)]
    fleet += [node(f"plain-{n}") for n in range(3)]
    fleet += [node("aside", schedulable=False)]

    refused = refusal(fleet, GPU)

    assert str(refused) == "of 16 nodes 12 are offline; 3 lack gpu; 1 is cordoned"
    assert len(refused.reasons) == 16


def test_different_figures_are_one_reason() -> None:
    fleet = [node(f"n{n}", memory_mb=1000 + n) for n in range(20)]

    refused = refusal(fleet, Demand(frozenset(), memory_mb=9000))

    assert str(refused) == "of 20 nodes 20 have too little memory free, 9000 MB needed"


def test_an_empty_fleet_is_refused_in_words() -> None:
    refused = refusal([], GPU)

    assert str(refused) == "there are no nodes"
    assert refused.reasons == []


@given(st.lists(st.frozensets(st.sampled_from([f"capability-{n}" for n in range(12)])), min_size=6, max_size=200))
def test_a_refusal_stays_short_however_many_reasons_there_are(held: list[frozenset[str]]) -> None:
    wanted = Demand(frozenset({"rare", *(f"capability-{n}" for n in range(12))}))
    fleet = [node(f"n{n}", capabilities=capabilities) for n, capabilities in enumerate(held)]

    refused = refusal(fleet, wanted)

    assert len(str(refused)) < 500
    assert len(refused.reasons) == len(fleet)


SHARES = st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0])
FLEETS = st.lists(
    st.builds(
        Candidate,
        node_id=st.text("abc", min_size=1, max_size=4),
        status=st.sampled_from(["online", "degraded", "offline"]),
        schedulable=st.booleans(),
        capabilities=st.frozensets(st.sampled_from(["gpu", "voice"])),
        agents=st.integers(0, 2),
        cpu_usage=SHARES,
        memory_usage=SHARES,
        memory_mb=st.sampled_from([0, 1000, 2000]),
    ),
    max_size=8,
    unique_by=lambda candidate: candidate.node_id,
)
DEMANDS = st.builds(Demand, st.frozensets(st.sampled_from(["gpu", "voice"])), st.sampled_from([0, 500, 2000]))


def strictly_better(one: Candidate, other: Candidate) -> bool:
    """Told separately from the rule, aspect by aspect: the first one that differs decides."""

    def full_if_unknown(share: float | None) -> float:
        return 1.0 if share is None else share

    aspects = [
        (one.status == "degraded", other.status == "degraded"),
        (one.agents, other.agents),
        (full_if_unknown(one.cpu_usage), full_if_unknown(other.cpu_usage)),
        (full_if_unknown(one.memory_usage), full_if_unknown(other.memory_usage)),
    ]
    return next((mine < theirs for mine, theirs in aspects if mine != theirs), False)


@given(FLEETS, DEMANDS, st.randoms(use_true_random=False))
def test_the_best_node_has_no_objection_and_no_better_rival(
    fleet: list[Candidate], demand: Demand, chance: random.Random
) -> None:
    able = [candidate for candidate in fleet if objection(candidate, demand) is None]
    if not able:
        assert {node_id for node_id, _ in refusal(fleet, demand).reasons} == {c.node_id for c in fleet}
        return

    chosen = best_node(fleet, demand)

    assert chosen in able
    assert chosen.status != "offline"
    assert chosen.schedulable
    assert demand.capabilities <= chosen.capabilities
    assert not any(strictly_better(candidate, chosen) for candidate in able)
    chance.shuffle(fleet)
    assert best_node(fleet, demand) == chosen
