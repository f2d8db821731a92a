"""The decision of the database is the one of the rules, and two at once never promise the same room."""

import json
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.domain.agents.errors import NoRoomForAgent
from app.domain.agents.spec import AgentSpec, Needs
from app.domain.identity.actor import SYSTEM
from app.domain.placement import Decision, Demand, NoCapacity, decide
from app.extensions import db
from app.services import agents
from app.services.placement import choose, deciding, statements
from app.services.transaction import transaction
from tests.agents.conftest import Machines
from tests.agents.orders import register

SHARES = st.none() | st.sampled_from([0.0, 0.29, 0.5, 0.999, 1.0])
TAGS = st.frozensets(st.sampled_from(["gpu", "voice"]))
SITES = st.sampled_from([{}, {"region": "eu"}, {"region": "eu", "zone": "a"}, {"region": "us", "zone": "b"}])
NODES = st.lists(
    st.fixed_dictionaries(
        {
            "node_id": st.text("aBz-", min_size=2, max_size=4).map(lambda word: f"n{word}"),
            "status": st.sampled_from(["online", "degraded"]),
            "silent": st.sampled_from([0, 0, 0, 91]),
            "schedulable": st.sampled_from([True, True, True, False]),
            "managed": st.sampled_from([True, True, False]),
            "assignments_seen": st.sampled_from([0, 0, None]),
            "capabilities": TAGS.map(sorted),
            "labels": SITES,
            "cpu_usage": SHARES,
            "memory_usage": SHARES,
            "memory_mb": st.sampled_from([0, 1000, 4000]),
            "cpu_count": st.sampled_from([0, 1, 4]),
            "agents_seen": st.integers(0, 2),
            "promised_agents": st.integers(0, 1),
            "promised_memory_mb": st.sampled_from([0, 300]),
            "promised_cpu": st.sampled_from([0.0, 0.3]),
            "assigned_memory_mb": st.sampled_from([0, 300, 3500]),
            "assigned_cpu": st.sampled_from([0.0, 0.3, 3.5]),
        }
    ),
    max_size=7,
    unique_by=lambda node: node["node_id"],
)
ROLES = st.lists(st.sampled_from(["reader", "writer"]), max_size=6)
DEMANDS = st.builds(
    Demand,
    TAGS,
    st.sampled_from([0, 0, 500, 2840, 4000]),
    st.sampled_from([0.0, 0.0, 0.5, 2.0]),
    SITES,
    st.booleans(),
)
_STORE = text("""
INSERT INTO cluster_nodes (node_id, name, host, port, status, schedulable, managed, assignments_seen, capabilities,
    labels, cpu_usage, memory_usage, memory_mb, cpu_count, agents_seen, promised_agents, promised_memory_mb,
    promised_cpu, assigned_memory_mb, assigned_cpu, last_heartbeat)
VALUES (:node_id, 'n', 'h', 1, :status, :schedulable, :managed, :assignments_seen, CAST(:capabilities AS text[]),
    CAST(:sites AS jsonb), :cpu_usage, :memory_usage, :memory_mb, :cpu_count, :agents_seen, :promised_agents,
    :promised_memory_mb, :promised_cpu, :assigned_memory_mb, :assigned_cpu, now() - make_interval(secs => :silent))
""")
_PLACE = text("""
INSERT INTO agents (agent_id, role, node_id, failure_domain)
SELECT :agent_id, :role, n.node_id, n.failure_domain FROM cluster_nodes n ORDER BY node_id OFFSET :which LIMIT 1
""")


def fill(nodes: list[dict[str, Any]], roles: list[str]) -> None:
    """A fleet with agents of these roles, one on each node in turn."""
    db.session.execute(text("DELETE FROM agents"))
    db.session.execute(text("DELETE FROM cluster_nodes"))
    for node in nodes:
        db.session.execute(_STORE, {**node, "sites": json.dumps(node["labels"])})
    for number, role in enumerate(roles if nodes else []):
        placed = {"agent_id": f"a{number}", "role": role, "which": number % len(nodes)}
        db.session.execute(_PLACE, placed)


def decided(demand: Demand) -> Decision | str:
    """What the database decides."""
    try:
        return choose(demand, "reader")
    except NoCapacity as refusal:
        return str(refusal)


def first(demand: Demand, count: int = 1, sample: int = 0, role: str | None = "reader") -> set[str]:
    """The nodes that the database ranks first: of a big fleet the rules see only those that it ranks high."""
    asked = {**deciding._asked(demand, role, "", ()), "count": count, "sample": sample}
    return {candidate.node_id for candidate in deciding._read(statements.ranked(demand, role, False), asked)}


def by_the_rules(demand: Demand, role: str | None = "reader") -> Decision | str:
    """What the rules say of the same fleet, every node of it told to them."""
    everybody = text(statements.EVERYBODY)
    asked = deciding._asked(demand, role, "", ())
    try:
        return decide(list(deciding._read(everybody, asked)), demand)
    except NoCapacity as refusal:
        return str(refusal)


@given(NODES, ROLES, DEMANDS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_database_decides_as_the_rules_do(
    app: Flask, nodes: list[dict[str, Any]], roles: list[str], demand: Demand
) -> None:
    try:
        fill(nodes, roles)
        ruled = by_the_rules(demand)
        assert decided(demand) == ruled
        assert first(demand) == ({ruled.node_id} if isinstance(ruled, Decision) else set())
    finally:
        db.session.rollback()


@given(NODES, ROLES, DEMANDS, st.integers(1, 4), st.sampled_from([None, "reader"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_is_looked_at_first_does_not_change_who_is_best(
    app: Flask, nodes: list[dict[str, Any]], roles: list[str], demand: Demand, count: int, role: str | None
) -> None:
    try:
        fill(nodes, roles)
        ruled = by_the_rules(demand, role)
        fitting = []
        if isinstance(ruled, Decision):
            fitting = [ruled.node_id, *(other.node_id for other in ruled.others if other.score is not None)]
        for sample in (0, 100):
            assert first(demand, count, sample, role) == set(fitting[:count])
    finally:
        db.session.rollback()


EVEN: dict[str, Any] = {
    "status": "online",
    "silent": 0,
    "schedulable": True,
    "managed": True,
    "assignments_seen": 0,
    "capabilities": [],
    "labels": {},
    "cpu_usage": 0.5,
    "memory_usage": 0.5,
    "memory_mb": 4000,
    "cpu_count": 4,
    "agents_seen": 0,
    "promised_agents": 0,
    "promised_memory_mb": 0,
    "promised_cpu": 0.0,
    "assigned_memory_mb": 0,
    "assigned_cpu": 0.0,
}


@pytest.mark.parametrize(
    "worse",
    [
        {"status": "degraded"},
        {"agents_seen": 1},
        {"promised_agents": 1},
        {"labels": {"zone": "crowded"}},
        {"cpu_usage": 0.51},
        {"cpu_usage": None},
        {"memory_usage": 0.51},
        {},
    ],
)
def test_the_database_ranks_by_each_thing_that_the_rules_compare(app: Flask, worse: dict[str, Any]) -> None:
    names = ("a-worse", "b-better") if worse else ("b-worse", "a-better")
    crowded = {**EVEN, "node_id": "0-crowded", "labels": {"zone": "crowded"}, "schedulable": False}
    try:
        fill([crowded, {**EVEN, "node_id": names[0], **worse}, {**EVEN, "node_id": names[1]}], ["reader"])
        assert first(Demand()) == first(Demand(), sample=100) == {names[1]}
    finally:
        db.session.rollback()


def test_a_busier_node_where_the_role_is_rarer_is_not_passed_over(app: Flask) -> None:
    rare, crowded = {"zone": "rare"}, {"zone": "crowded"}
    # The agents are placed in the order of the ids: two of the role in the one zone, one in the other.
    fleet = [("a", crowded, 0.1), ("b", crowded, 0.2), ("c", rare, 0.9)]
    try:
        nodes = [{**EVEN, "node_id": node_id, "labels": zone, "cpu_usage": cpu} for node_id, zone, cpu in fleet]
        fill(nodes, ["reader"] * 3)
        assert [first(Demand(), count, sample=100) for count in (1, 2, 3)] == [{"c"}, {"a", "c"}, {"a", "b", "c"}]
    finally:
        db.session.rollback()


@given(NODES, ROLES, DEMANDS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_node_that_loses_changes_nothing_by_being_there(
    app: Flask, nodes: list[dict[str, Any]], roles: list[str], demand: Demand
) -> None:
    try:
        fill(nodes, roles)
        before = decided(demand)
        if isinstance(before, str):
            return
        for loser in before.others:
            db.session.execute(text("DELETE FROM cluster_nodes WHERE node_id = :id"), {"id": loser.node_id})
            after = decided(demand)
            assert isinstance(after, Decision)
            assert after.node_id == before.node_id
    finally:
        db.session.rollback()


def test_agents_of_a_role_are_spread_over_failure_domains(client: FlaskClient, machines: Machines) -> None:
    for node_id, zone in (("a1", "a"), ("a2", "a"), ("b1", "b"), ("b2", "b")):
        machines(node_id, labels={"zone": zone})
    placed = [register(client, f"reader-{number}", role="reader")["nodeId"] for number in range(4)]
    assert placed == ["a1", "b1", "a2", "b2"]


def test_promises_count_before_they_are_reported(client: FlaskClient, machines: Machines) -> None:
    machines("small", memory_mb=1000).add("plain")
    machines("big", memory_mb=2000)
    placed = [register(client, f"a{number}", needs={"memoryMb": 1000})["nodeId"] for number in range(3)]
    assert sorted(placed) == ["big", "big", "small"]


def test_what_agents_may_take_is_kept_for_them_while_they_use_less(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1", memory_mb=1000)
    register(client, "a1", needs={"memoryMb": 800})
    fleet.beat("n1", scope="node", agents=["a1"], agentDetails=[{"agentId": "a1", "epoch": 1}], memoryUsage=0.01)
    assert fleet.stored("n1", "promised_memory_mb") == 0
    refused = client.post("/api/engine/cluster/agents", json={"agentId": "a2", "needs": {"memoryMb": 300}})
    assert refused.json["error"] == "No suitable node: n1 has 200 MB of memory free, 300 MB needed"


@pytest.fixture
def crowd(app: Flask, machines: Machines) -> list[str]:
    """What came of ten threads that each register three agents at the same time; there is room for twelve."""
    machines("n1", "n2", "n3", memory_mb=4000)
    found: list[str] = []
    begin = threading.Barrier(10)

    def ask(number: int) -> None:
        with app.app_context():
            begin.wait(10)
            for again in range(3):
                try:
                    spec = AgentSpec(f"a-{number}-{again}", needs=Needs(memory_mb=1000, cpu_weight=0.1))
                    found.append(str(agents.register(SYSTEM, spec)[0].node_id))
                except NoRoomForAgent:
                    found.append("refused")
            db.session.remove()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_a_crowd_gets_what_there_is_and_nothing_twice(crowd: list[str]) -> None:
    counts = {name: crowd.count(name) for name in set(crowd)}
    assert counts == {"n1": 4, "n2": 4, "n3": 4, "refused": 18}
    with transaction():
        sums = db.session.execute(text("SELECT sum(memory_mb) FROM agents GROUP BY node_id")).scalars().all()
    assert sums == [4000, 4000, 4000]
