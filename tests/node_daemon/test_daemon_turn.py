"""Wishes about one agent wait for each other, wishes about several do not."""

from __future__ import annotations

import threading

import pytest

from node_daemon.agents import turn
from node_daemon.agents.supervisor import SupervisorBusy
from node_daemon.agents.turn import Turn


def test_two_wishes_about_different_agents_go_on_side_by_side() -> None:
    one = Turn()

    with one.wait(["a"]), one.wait(["b", "c"]):
        pass


def test_a_wish_that_shares_an_agent_with_another_one_waits_and_gives_up_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = Turn()
    monkeypatch.setattr(turn, "LONGEST_TURN", 0.05)

    with one.wait(["a", "b"]), pytest.raises(SupervisorBusy, match="has not ended yet"), one.wait(["b", "c"]):
        pass

    with one.wait(["c"]):  # what waited in vain holds nothing
        pass


def test_a_wish_goes_on_when_the_one_before_it_has_ended() -> None:
    one, done = Turn(), threading.Event()

    def wish() -> None:
        with one.wait(["a"]):
            done.set()

    with one.wait(["a"]):
        threading.Thread(target=wish).start()
        assert not done.wait(0.05)
    assert done.wait(5)


def test_only_those_that_are_free_are_had_without_waiting() -> None:
    one = Turn()

    with one.wait(["a"]), one.of_those_free(["a", "b"]) as free:
        assert free == {"b"}
    with one.of_those_free(["a", "b"]) as free:
        assert free == {"a", "b"}
