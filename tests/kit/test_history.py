"""The judge of a history finds what was lost, and takes nothing else for it."""

from typing import Any

import pytest

from tests.kit.history import Answer, History, false_offline


def answer(number: int, status: int = 200, kind: str = "heartbeat", began: float = 1.0) -> Answer:
    return Answer("n-1", kind, number, began, 0.1 * number, status)


def holding(beat: int | None, name: str) -> Any:
    return lambda _sql: [("n-1", beat, name)]


TOLD = History([answer(1, kind="register"), answer(1), answer(2), answer(3, 503), answer(4, 0)])


def test_what_was_not_acknowledged_may_be_stored_or_not() -> None:
    assert TOLD.lost(holding(2, "name 1")) == []
    assert TOLD.lost(holding(4, "name 2")) == []


def test_what_was_acknowledged_and_is_older_or_gone_is_lost() -> None:
    assert TOLD.lost(holding(1, "name 1")) == ["n-1: heartbeat 2 was acknowledged, 1 is stored"]
    assert TOLD.lost(holding(None, "name 0")) == [
        "n-1: heartbeat 2 was acknowledged, 0 is stored",
        "n-1: registration 1 was acknowledged, 0 is stored",
    ]
    assert len(TOLD.lost(lambda _sql: [])) == 2


@pytest.mark.parametrize(("status", "excused"), [(200, True), (503, True), (0, True), (500, False), (404, False)])
def test_only_a_503_or_nobody_there_excuses_a_fault(status: int, excused: bool) -> None:
    assert (History([answer(1, status)]).broken == []) is excused


def test_the_slowest_answers_are_found_also_of_a_part() -> None:
    history = History([answer(number, began=float(number)) for number in range(1, 11)])
    assert history.slowest() == 1.0
    assert history.slowest(0.5) == pytest.approx(0.6)
    assert history.since(11).slowest() == 0.0


def test_who_is_announced_offline_is_asked_of_the_timeline() -> None:
    asked: list[Any] = []
    false_offline(lambda sql, ids: asked.append((sql, ids)) or [], ["n-1"])
    assert asked[0][1] == ["n-1"]
    assert "to_status = 'offline'" in asked[0][0]
