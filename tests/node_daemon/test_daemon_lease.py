"""When an agent may run: a rule of what was told, when we were last heard, and the clock."""

from __future__ import annotations

import time
from typing import Any

import pytest

from node_daemon.assignments import told
from node_daemon.assignments.lease import LATE, Contact, Hold, hold, was_close
from node_daemon.clock import since_boot

HEARD = Contact(heard_at=1000.0, is_confirmed=True)


def one(**said: Any) -> told.Told:
    agent = {"agentId": "a", "command": ["sleep", "9"], "onNodeLoss": "move", "leaseSeconds": 60, **said}
    return told.read({"revision": 3, "agents": [agent]})


def held(policy: str, now: float, contact: Contact = HEARD) -> Hold | None:
    return hold(one(onNodeLoss=policy), "a", contact, now)


@pytest.mark.parametrize("policy", ["stop", "move"])
def test_an_agent_that_may_move_runs_as_long_as_its_lease_and_not_a_moment_longer(policy: str) -> None:
    assert held(policy, 1059.9) is None

    lapsed = held(policy, 1060.0)
    assert lapsed is not None
    assert lapsed.ends
    assert lapsed.is_fence
    assert lapsed.reason == "the control plane was not reached for its lease of 60 s"


def test_an_agent_that_stays_runs_on_however_long_nobody_is_reached() -> None:
    assert held("stay", 1e9) is None
    assert held("stay", 1000.0, Contact()) is None


def test_each_agent_has_a_lease_of_its_own() -> None:
    assert hold(one(leaseSeconds=600), "a", HEARD, 1599.0) is None
    assert hold(one(leaseSeconds=30), "a", HEARD, 1031.0) is not None


def test_a_machine_that_slept_through_its_lease_gives_no_time_to_end() -> None:
    shortly, much_later = held("move", 1060.0 + LATE - 1), held("move", 1060.0 + 3600)

    assert (shortly and shortly.at_once, much_later and much_later.at_once) == (False, True)


def test_the_clock_of_leases_counts_on_while_the_machine_is_suspended() -> None:
    assert since_boot() == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=5)


def test_after_a_start_of_the_daemon_what_may_move_goes_on_but_is_not_started() -> None:
    found = held("move", 1010.0, Contact(1000.0, is_confirmed=False))

    assert found is not None
    assert not found.ends


@pytest.mark.parametrize("heard_at", [None, 5000.0])
def test_after_a_start_of_the_machine_what_may_move_does_not_run(heard_at: float | None) -> None:
    found = held("move", 1010.0, Contact(heard_at, is_confirmed=False))

    assert found is not None
    assert found.ends
    assert found.at_once


def test_a_lease_that_is_renewed_lets_the_agent_run_again() -> None:
    assert held("move", 9000.0) is not None
    assert held("move", 9000.0, Contact(8999.0, is_confirmed=True)) is None


def test_what_is_to_be_stopped_or_paused_does_not_run_whatever_its_lease() -> None:
    stopped, paused = hold(one(wanted="stopped"), "a", HEARD, 1001.0), hold(one(wanted="paused"), "a", HEARD, 1001.0)

    assert stopped is not None
    assert (stopped.ends, stopped.is_pause) == (True, False)
    assert paused is not None
    assert (paused.ends, paused.is_pause) == (True, True)


@pytest.mark.parametrize("brake", [{"pausedAgents": "all"}, {"pausedAgents": ["b"]}, {"paused": {"since": "x"}}])
def test_the_brake_also_holds_agents_that_only_the_node_knows(brake: dict[str, Any]) -> None:
    found = hold(told.read({"revision": 3, "agents": [], **brake}), "b", HEARD, 1001.0)

    assert found is not None
    assert found.is_pause


def test_an_agent_of_the_node_itself_may_run() -> None:
    assert hold(one(), "b", Contact(), 1001.0) is None


def test_a_short_silence_cannot_have_cost_us_an_agent() -> None:
    assert was_close(HEARD, 1030.0)
    assert not was_close(HEARD, 1050.0)
    assert not was_close(Contact(1000.0, is_confirmed=False), 1001.0)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"agentId": "../x"}, "id must be"),
        ({"command": "sleep 1"}, "command must be a list"),
        ({"env": {"A": 3, "B": "secret-token"}}, "env must be"),
        ({"wanted": "dancing"}, "wanted must be"),
        ({"onNodeLoss": "panic"}, "onNodeLoss must be"),
        ({"leaseSeconds": "60"}, "leaseSeconds must be"),
    ],
)
def test_a_list_with_one_wrong_agent_is_refused_as_a_whole(said: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as refusal:
        one(**said)

    assert "secret-token" not in str(refusal.value)
