"""What of a message is too much."""

from typing import Any

import pytest

from app.domain.json_limits import DEEPEST, LONGEST_TEXT, MOST_ITEMS, excess


def nested(depth: int, kind: str) -> Any:
    body: Any = 1
    for _ in range(depth):
        body = [body] if kind == "list" else {"a": body}
    return body


ENOUGH = [
    None,
    1,
    "",
    {},
    [[]],
    "x" * LONGEST_TEXT,
    [0] * MOST_ITEMS,
    {str(n): n for n in range(MOST_ITEMS)},
    nested(DEEPEST, "list"),
    nested(DEEPEST, "object"),
]
TOO_MUCH = {
    "text": ["x" * (LONGEST_TEXT + 1), {"a": ["x" * (LONGEST_TEXT + 1)]}],
    "items": [[0] * (MOST_ITEMS + 1), {"a": {str(n): n for n in range(MOST_ITEMS + 1)}}],
    "nested": [nested(DEEPEST + 1, "list"), nested(DEEPEST + 1, "object"), [1, nested(900, "list")]],
}


@pytest.mark.parametrize("body", ENOUGH)
def test_up_to_the_limit_nothing_is_too_much(body: object) -> None:
    assert excess(body) is None


@pytest.mark.parametrize(("word", "body"), [(word, body) for word, bodies in TOO_MUCH.items() for body in bodies])
def test_beyond_it_the_excess_is_named(word: str, body: object) -> None:
    assert word in str(excess(body))
