"""The status of a node is one pure function of its last heartbeat, our listening and the time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.nodes.status import (
    DEAF_AFTER,
    OFFLINE_AFTER,
    NodeStatus,
    StatusReason,
    effective_listening,
    is_mass_outage,
    silent_before,
    status_of,
)

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LONG = 3600.0
TICK = 0.001


def before(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("heard_ago", "listening_for", "issues", "status", "reason"),
    [
        (None, LONG, False, "offline", "never_seen"),
        (None, 0, True, "offline", "never_seen"),
        (0, LONG, False, "online", "heartbeat"),
        (0, LONG, True, "degraded", "issues"),
        (89.999, LONG, False, "online", "heartbeat"),
        (90, LONG, False, "online", "heartbeat"),
        (90 + TICK, LONG, False, "offline", "silent"),
        (90 + TICK, LONG, True, "offline", "silent"),
        # A cold start: what we heard before we began to listen proves nothing, either way.
        (10, 0, False, "offline", "awaiting_heartbeat"),
        (10, 10, False, "online", "heartbeat"),
        (10, 10 - TICK, False, "offline", "awaiting_heartbeat"),
        (100, 89.999, False, "offline", "awaiting_heartbeat"),
        (100, 90, False, "offline", "silent"),
        (LONG, 5, True, "offline", "awaiting_heartbeat"),
        # Heard since we listen, then silent, though we do not listen for long.
        (91, 95, False, "offline", "silent"),
    ],
)
def test_a_status_follows_from_the_last_heartbeat_and_since_when_we_listen(
    heard_ago: float | None, listening_for: float, issues: bool, status: str, reason: str
) -> None:
    heard = None if heard_ago is None else before(heard_ago)
    verdict = status_of(heard, before(listening_for), issues, NOW)
    assert (verdict.status, verdict.reason) == (status, reason)


def test_the_time_until_offline_is_a_setting() -> None:
    assert status_of(before(3), before(LONG), False, NOW, timedelta(seconds=2)).reason is StatusReason.SILENT
    assert status_of(before(1), before(LONG), False, NOW, timedelta(seconds=2)).status is NodeStatus.ONLINE


def test_a_node_counts_as_offline_90_seconds_after_its_last_heartbeat() -> None:
    assert timedelta(seconds=90) == OFFLINE_AFTER


SECONDS = st.floats(min_value=0, max_value=1000, allow_nan=False).map(lambda s: timedelta(seconds=s))
RANK = {NodeStatus.OFFLINE: 0, NodeStatus.DEGRADED: 1, NodeStatus.ONLINE: 1}


@given(heard=st.none() | SECONDS, listening=SECONDS, issues=st.booleans(), wait=SECONDS)
def test_time_never_makes_a_silent_node_better(
    heard: timedelta | None, listening: timedelta, issues: bool, wait: timedelta
) -> None:
    last, since = None if heard is None else NOW - heard, NOW - listening
    sooner, later = status_of(last, since, issues, NOW), status_of(last, since, issues, NOW + wait)
    assert RANK[later.status] <= RANK[sooner.status]
    if sooner.reason is StatusReason.SILENT:
        assert later.reason is StatusReason.SILENT


@given(heard=SECONDS, listening=SECONDS, issues=st.booleans())
def test_the_cutoff_of_the_stale_check_finds_exactly_the_nodes_that_are_judged_silent(
    heard: timedelta, listening: timedelta, issues: bool
) -> None:
    last, since = NOW - heard, NOW - listening
    cutoff = silent_before(since, NOW)
    found = cutoff is not None and last < cutoff
    assert found is (status_of(last, since, issues, NOW).reason is StatusReason.SILENT)


@given(heard=SECONDS, listening=SECONDS)
def test_a_heartbeat_that_has_just_come_makes_any_node_reachable(heard: timedelta, listening: timedelta) -> None:
    del heard
    assert status_of(NOW, NOW - listening, False, NOW).status is NodeStatus.ONLINE


@pytest.mark.parametrize(
    ("accepting_ago", "listening_for"),
    [(0.0, LONG), (15.0, LONG), (15 + TICK, 0.0), (1000.0, 0.0), (None, 0.0)],
)
def test_a_control_plane_that_proved_nothing_for_15_seconds_begins_to_listen_anew(
    accepting_ago: float | None, listening_for: float
) -> None:
    assert timedelta(seconds=15) == DEAF_AFTER
    accepting = None if accepting_ago is None else before(accepting_ago)
    assert effective_listening(before(LONG), accepting, NOW) == before(listening_for)


def test_a_beginning_that_is_yet_to_come_is_from_a_clock_that_was_set_back() -> None:
    assert effective_listening(before(-7200), before(-7201), NOW) == NOW


@pytest.mark.parametrize(
    ("silent", "were_up", "mass"),
    [(1, 1, False), (2, 2, False), (3, 3, True), (3, 5, True), (3, 6, False), (54, 99, False), (9, 10, True)],
)
def test_silence_of_most_of_a_fleet_is_suspicious_but_of_two_nodes_it_is_not(
    silent: int, were_up: int, mass: bool
) -> None:
    assert is_mass_outage(silent, were_up) is mass
