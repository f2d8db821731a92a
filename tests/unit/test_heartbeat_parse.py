"""What a heartbeat may say, field by field."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidInput
from app.domain.nodes.heartbeat import Heartbeat, parse


def fault(**said: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        parse(said)
    return refusal.value.fields


def test_an_empty_report_is_valid_and_says_nothing() -> None:
    assert parse({}) == Heartbeat()


def test_null_counts_as_not_reported() -> None:
    assert parse(dict.fromkeys(("agents", "cpuUsage", "clock", "version", "issues", "scope"))) == Heartbeat()


def test_unknown_keys_are_ignored() -> None:
    assert parse({"uptime": 5, "nodeId": "other", "__proto__": {}}) == Heartbeat()


@pytest.mark.parametrize("raw", [None, [], [{}], "text", 5, True, 1.5])
def test_what_is_not_an_object_is_refused(raw: object) -> None:
    with pytest.raises(InvalidInput, match="must be a JSON object"):
        parse(raw)


@pytest.mark.parametrize(
    ("said", "scope", "agents"),
    [
        ({"agents": []}, "node", []),
        ({"agents": ["a"]}, "agent", ["a"]),
        ({"agents": ["a", "b"]}, "node", ["a", "b"]),
        ({"agents": ["a"], "scope": "node"}, "node", ["a"]),
        ({"agents": ["a", "b"], "scope": "agent"}, "agent", ["a", "b"]),
        ({"agents": [], "scope": "agent"}, "agent", []),
        ({"scope": "node"}, None, []),
        ({}, None, []),
    ],
)
def test_without_a_scope_one_agent_speaks_for_itself_and_any_other_list_is_the_whole(
    said: dict[str, Any], scope: str | None, agents: list[str]
) -> None:
    beat = parse(said)
    assert (beat.scope, list(beat.agents)) == (scope, agents)


@pytest.mark.parametrize("usage", [0, 0.45, 1, 1.0])
def test_usage_is_a_share_from_0_to_1(usage: float) -> None:
    beat = parse({"cpuUsage": usage, "memoryUsage": usage, "diskUsage": usage})
    assert (beat.cpu_usage, beat.memory_usage, beat.disk_usage) == (usage, usage, usage)


@pytest.mark.parametrize("usage", [-0.01, 1.01, 45, "0.4", True, [0.1], {}, float("nan"), float("inf")])
@pytest.mark.parametrize("key", ["cpuUsage", "memoryUsage", "diskUsage"])
def test_any_other_usage_is_refused_by_name(key: str, usage: object) -> None:
    assert fault(**{key: usage}) == {key: "must be a number from 0 to 1"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("agents", "a-1"),
        ("agents", {"a": 1}),
        ("agents", [1]),
        ("agents", [None]),
        ("agents", [""]),
        ("agents", ["a b"]),
        ("agents", ["a\n"]),
        ("agents", ["a" * 129]),
        ("agents", ["a"] * 501),
        ("loadAverage", [1, 2]),
        ("loadAverage", [1, 2, "3"]),
        ("loadAverage", [1, 2, -1]),
        ("loadAverage", 3),
        ("clock", "yesterday"),
        ("clock", "2026-11-23T15:04:30"),
        ("clock", 1700000000),
        ("version", ""),
        ("version", 5),
        ("version", "1" * 65),
        ("version", "1.0\n"),
        ("version", "1\x00"),
        ("machineId", ["x"]),
        ("machineId", "m" * 65),
        ("scope", "fleet"),
        ("scope", 1),
        ("scope", []),
        ("issues", {}),
        ("issues", ["x"]),
        ("issues", [{"code": "x"}]),
        ("issues", [{"code": "x", "message": "m\x00"}]),
        ("issues", [{"code": "x" * 65, "message": "m"}]),
        ("issues", [{"code": "x", "message": "m" * 301}]),
        ("issues", [{"code": "x", "message": "m", "agentId": 7}]),
        ("issues", [{"code": "x", "message": "m"}] * 101),
        ("agentDetails", {}),
        ("agentDetails", [1]),
        ("agentDetails", [{"agentId": "a", "state": "happy"}]),
        ("agentDetails", [{"agentId": "a", "name": "n\x1b[31m"}]),
        ("agentDetails", [{"agentId": "a", "name": "n" * 201}]),
        ("commandResults", {}),
        ("commandResults", [{}]),
        ("commandResults", [{"id": "x"}]),
        ("commandResults", [{"id": "x", "message": "m" * 501}]),
        ("commandResults", [{"id": "x", "message": "m", "agents": 5}]),
    ],
)
def test_an_invalid_field_is_refused_by_name(key: str, value: object) -> None:
    assert list(fault(**{key: value})) == [key]


def test_an_issue_may_be_about_an_agent_with_the_longest_possible_id() -> None:
    agent = "a" * 128
    said = {"agents": [agent], "issues": [{"code": "crash_loop", "message": "loops", "agentId": agent}]}
    assert parse(said).issues[0].agent_id == agent


def test_every_invalid_field_is_named_at_once() -> None:
    faults = fault(cpuUsage=5, memoryUsage="x", agents=3, scope="all", version="0.5.0")
    assert list(faults) == ["agents", "cpuUsage", "memoryUsage", "scope"]


def test_the_sentence_names_the_field_and_what_it_must_be() -> None:
    with pytest.raises(InvalidInput, match="cpuUsage must be a number from 0 to 1"):
        parse({"cpuUsage": 45})


def test_a_clock_keeps_its_zone() -> None:
    assert parse({"clock": "2026-11-23T15:04:30.000Z"}).clock == datetime(2026, 11, 23, 15, 4, 30, tzinfo=UTC)
    east = datetime(2026, 11, 23, 15, 4, 30, tzinfo=timezone(timedelta(hours=2)))
    assert parse({"clock": "2026-11-23T15:04:30+02:00"}).clock == east


def test_details_keep_known_keys_of_their_type_and_nothing_else() -> None:
    details = [{"agentId": "a", "state": "running", "restarts": 2, "env": {"API_KEY": "secret"}, "pid": "9"}]
    beat = parse({"scope": "node", "agents": ["a", "b"], "agentDetails": details})
    assert beat.agents == {"a": {"agentId": "a", "state": "running", "restarts": 2}, "b": {}}


def test_a_daemon_may_tell_of_an_agent_that_is_not_there() -> None:
    beat = parse({"scope": "node", "agents": ["a"], "agentDetails": [{"agentId": "b", "state": "crash_looping"}]})
    assert beat.agents == {"a": {}, "b": {"agentId": "b", "state": "crash_looping", "absent": True}}


def test_an_agent_that_reports_itself_says_nothing_about_others() -> None:
    beat = parse({"scope": "agent", "agents": ["a"], "agentDetails": [{"agentId": "b", "state": "stopped"}]})
    assert beat.agents == {"a": {}}


def test_a_result_is_ok_only_when_it_says_true() -> None:
    said = [{"id": str(i), "message": "m", "ok": ok} for i, ok in enumerate([True, False, "true", 1, None])]
    assert [result.ok for result in parse({"commandResults": said}).results] == [True, False, False, False, False]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "agents scope cpuUsage memoryUsage diskUsage loadAverage clock version machineId issues agentDetails commandResults"
)
ITEM = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("id", "code", "message", "agentId", "agents", "state", "name", "ok"), JSON)
)


def refused(said: dict[str, Any]) -> dict[str, str] | None:
    try:
        parse(said)
    except InvalidInput as refusal:
        return refusal.fields
    return None


@given(st.dictionaries(st.sampled_from(KEYS.split()), JSON | st.lists(ITEM, max_size=2), max_size=6))
@settings(max_examples=60)
def test_any_json_is_either_accepted_or_refused_with_the_names_of_its_faults(said: dict[str, Any]) -> None:
    faults = refused(said)
    assert faults is None or (faults and faults.keys() <= said.keys())
