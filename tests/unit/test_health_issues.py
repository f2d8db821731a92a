"""Issues open after enough bad beats, and clear after two clean ones."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.nodes.health import COUNTING_DISTANCE, Limits, Strain, assess, open_issues, signals, version_tuple
from app.domain.nodes.heartbeat import Heartbeat, ReportedIssue, parse

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LIMITS = Limits(min_version=(0, 2, 0))


def after(
    beats: list[Mapping[str, object]], every: float = 30, strains: Mapping[str, Strain] | None = None
) -> dict[str, Strain]:
    """The strains after beats that came `every` so many seconds."""
    known = dict(strains or {})
    for index, said in enumerate(beats):
        now = START + timedelta(seconds=every * index)
        beat = parse(dict(said))
        known = assess(known, signals(beat, now, LIMITS), now, beat.scope == "node")
    return known


def codes(strains: Mapping[str, Strain]) -> list[str]:
    return [issue.code for issue in open_issues(strains)]


@pytest.mark.parametrize(("key", "code"), [("cpuUsage", "cpu_pressure"), ("memoryUsage", "memory_pressure")])
def test_pressure_opens_an_issue_with_the_third_beat(key: str, code: str) -> None:
    assert codes(after([{key: 0.95}] * 2)) == []
    assert codes(after([{key: 0.95}] * 3)) == [code]


def test_one_clean_beat_between_bad_ones_starts_the_count_anew() -> None:
    assert codes(after([{"cpuUsage": 0.95}, {"cpuUsage": 0.95}, {"cpuUsage": 0.2}, *[{"cpuUsage": 0.95}] * 2])) == []


@pytest.mark.parametrize(("usage", "issues"), [(0.9, []), (0.901, ["disk_nearly_full"]), (1, ["disk_nearly_full"])])
def test_a_disk_above_90_percent_opens_an_issue_at_once(usage: float, issues: list[str]) -> None:
    assert codes(after([{"diskUsage": usage}])) == issues


@pytest.mark.parametrize(("off", "issues"), [(0, []), (30, []), (31, ["clock_skew"]), (-31, ["clock_skew"])])
def test_a_clock_off_by_more_than_30_seconds_opens_an_issue_at_once(off: int, issues: list[str]) -> None:
    assert codes(after([{"clock": (START + timedelta(seconds=off)).isoformat()}])) == issues


@pytest.mark.parametrize(
    ("version", "issues"),
    [("0.1.9", ["daemon_too_old"]), ("0.2.0", []), ("0.10.0", []), ("1", []), ("unknown", ["daemon_too_old"])],
)
def test_a_daemon_older_than_the_wanted_version_opens_an_issue(version: str, issues: list[str]) -> None:
    assert codes(after([{"version": version}])) == issues


def test_beats_closer_than_ten_seconds_count_once() -> None:
    assert timedelta(seconds=10) == COUNTING_DISTANCE
    assert codes(after([{"cpuUsage": 0.95}] * 6, every=1)) == []
    assert codes(after([{"cpuUsage": 0.95}] * 3, every=10)) == ["cpu_pressure"]


def test_an_issue_clears_with_the_second_clean_beat() -> None:
    full = [{"diskUsage": 0.95}]
    assert codes(after([*full, {"diskUsage": 0.5}])) == ["disk_nearly_full"]
    assert after([*full, *[{"diskUsage": 0.5}] * 2]) == {}


def test_clean_beats_closer_than_ten_seconds_count_once() -> None:
    assert codes(after([{"diskUsage": 0.95}, *[{"diskUsage": 0.5}] * 8], every=1)) == ["disk_nearly_full"]


def test_a_bad_beat_between_clean_ones_keeps_the_issue_and_its_beginning() -> None:
    strains = after([{"diskUsage": 0.95}, {"diskUsage": 0.5}, {"diskUsage": 0.95}, {"diskUsage": 0.5}])
    assert [issue.since for issue in open_issues(strains)] == [START]


def test_what_a_beat_does_not_report_changes_nothing() -> None:
    full = after([{"diskUsage": 0.95}])
    assert after([{}, {}, {}], strains=full) == full


def test_a_clean_node_has_no_strains_to_store() -> None:
    assert after([{"cpuUsage": 0.5, "memoryUsage": 0.5, "diskUsage": 0.5}] * 3) == {}


def test_an_issue_that_goes_on_is_equal_so_that_nothing_is_written() -> None:
    full = after([{"diskUsage": 0.95}])
    assert after([{"diskUsage": 0.99}], strains=full) == full


LOOPING = {"agents": ["a-1", "a-2"], "issues": [{"code": "crash_loop", "message": "a-1 loops", "agentId": "a-1"}]}


def test_an_issue_that_the_daemon_names_opens_at_once_with_its_sentence() -> None:
    issues = open_issues(after([LOOPING]))
    assert [(issue.code, issue.message, issue.since) for issue in issues] == [("crash_loop", "a-1 loops", START)]


def test_an_issue_that_the_daemon_no_longer_names_clears_after_two_of_its_lists() -> None:
    quiet = {"agents": ["a-1", "a-2"]}
    assert codes(after([LOOPING, quiet])) == ["crash_loop"]
    assert codes(after([LOOPING, quiet, quiet])) == []


def test_beats_of_single_agents_do_not_clear_what_the_daemon_named() -> None:
    assert codes(after([LOOPING, *[{"agents": ["a-2"]}] * 4])) == ["crash_loop"]


def test_the_same_trouble_of_two_agents_is_two_issues() -> None:
    issues = [{"code": "crash_loop", "message": f"{agent} loops", "agentId": agent} for agent in ("a-1", "a-2")]
    strains = after([{"scope": "node", "agents": [], "issues": issues}])
    assert [issue.message for issue in open_issues(strains)] == ["a-1 loops", "a-2 loops"]


def test_issues_come_in_the_order_of_their_codes() -> None:
    beat = Heartbeat(disk_usage=0.99, issues=(ReportedIssue("a_trouble", "x"), ReportedIssue("z_trouble", "y")))
    strains = assess({}, signals(beat, START, LIMITS), START, scope_is_node=True)
    assert codes(strains) == ["a_trouble", "disk_nearly_full", "z_trouble"]


@given(st.lists(st.floats(0, 1, allow_nan=False), max_size=30))
def test_whatever_came_before_two_clean_beats_leave_no_pressure(usages: list[float]) -> None:
    assert after([{"cpuUsage": usage} for usage in [*usages, 0.1, 0.1]]) == {}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0.5.324", (0, 5, 324)), ("1.2-beta.3", (1, 2)), ("unknown", ()), ("", ()), ("2.x.1", (2,)), ("3", (3,))],
)
def test_a_version_is_compared_by_its_leading_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert version_tuple(text) == numbers


def told(minutes: float, **more: object) -> dict[str, object]:
    """A heartbeat of a node whose agent told of progress so long before the start."""
    at = (START - timedelta(minutes=minutes)).isoformat()
    detail = {"agentId": "a", "state": "running", "progress": {"text": "half", "percent": 50, "at": at}, **more}
    return {"scope": "node", "agents": ["a"], "agentDetails": [detail]}


@pytest.mark.parametrize(
    ("minutes", "more", "expected"),
    [
        (29, {}, []),
        (31, {}, ["agent_not_advancing"]),
        (31, {"state": "paused"}, []),
        (31, {"waiting": {"question": "May I?", "since": START.isoformat()}}, []),
    ],
)
def test_an_agent_that_runs_without_progress_for_too_long_is_an_issue(
    minutes: float, more: dict[str, object], expected: list[str]
) -> None:
    assert codes(after([told(minutes, **more)])) == expected


def test_an_agent_that_never_told_of_progress_is_none() -> None:
    assert codes(after([{"scope": "node", "agents": ["a"], "agentDetails": [{"agentId": "a"}]}])) == []


def test_progress_clears_the_issue_after_two_heartbeats() -> None:
    assert codes(after([told(31), told(0)])) == ["agent_not_advancing"]
    assert codes(after([told(31), told(0), told(0)])) == []


def test_every_limit_is_a_setting() -> None:
    strict = Limits(cpu=0.1, memory=0.2, disk=0.3, pressure_beats=1, clock=timedelta(seconds=1))
    said = {
        "cpuUsage": 0.15,
        "memoryUsage": 0.25,
        "diskUsage": 0.35,
        "clock": (START + timedelta(seconds=2)).isoformat(),
    }
    messages = {signal.message for signal in signals(parse(said), START, strict).values()}
    assert messages == {"CPU above 10 %", "Memory above 20 %", "Disk above 30 %", "Clock is off by 2 s"}
