"""A worker whose word about a message did not reach Redis begins anew, instead of losing a place for ever."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.tasks.consumer import _settle


def lost(*_: object, **__: object) -> None:
    raise TimeoutError


def message(closed: bool) -> Any:
    return SimpleNamespace(channel=SimpleNamespace(closed=closed))


def test_a_word_that_was_lost_ends_the_connection() -> None:
    with pytest.raises(TimeoutError):
        _settle(message(closed=False), lost, None, (TimeoutError,))


def test_a_word_of_an_earlier_connection_does_not_end_the_present_one() -> None:
    _settle(message(closed=True), lost, None, (TimeoutError,))


def test_a_word_that_arrives_takes_its_options_along() -> None:
    heard: list[Any] = []
    _settle(message(closed=False), lambda *options, **named: heard.append((options, named)), None, (), True, multiple=1)
    assert heard == [((True,), {"multiple": 1})]
