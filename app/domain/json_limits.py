"""How large the parts of a message may be. A heartbeat is not asked: its own parser bounds everything in it."""

from typing import Any

DEEPEST = 20  # lists and objects within each other
MOST_ITEMS = 500  # of one list or object
LONGEST_TEXT = 16 * 1024  # characters: the largest thing that is pasted is a private key


def excess(body: Any) -> str | None:
    """What of a decoded JSON message is too much, as the end of a sentence; None if nothing is."""
    level = [body]
    for _ in range(DEEPEST + 1):
        inside: list[Any] = []
        for part in level:
            if isinstance(part, str) and len(part) > LONGEST_TEXT:
                return f"a text of more than {LONGEST_TEXT} characters"
            if isinstance(part, (list, dict)):
                if len(part) > MOST_ITEMS:
                    return f"a list or object of more than {MOST_ITEMS} items"
                inside += part.values() if isinstance(part, dict) else part
        if not inside:
            return None
        level = inside
    return f"lists or objects nested more than {DEEPEST} deep"
