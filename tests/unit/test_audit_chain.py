"""A change of any entry of the audit log shows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.audit import BEGINNING, Entry, chained, first_break

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def chain(count: int) -> list[tuple[int, Entry, bytes]]:
    made, previous = [], BEGINNING
    for number in range(1, count + 1):
        entry = Entry(
            NOON, "user", "1", "Ann", "127.0.0.1", "node.remove", f"node-{number}", "done", "r", {"n": number}
        )
        previous = chained(entry, previous)
        made.append((number, entry, previous))
    return made


def test_an_untouched_chain_has_no_break() -> None:
    assert first_break(chain(5)) is None


@pytest.mark.parametrize("changed", [{"actor_name": "Bob"}, {"detail": {}}, {"result": "refused"}, {"target": "x"}])
def test_a_changed_entry_is_found(changed: dict[str, object]) -> None:
    entries = chain(5)
    number, entry, stored = entries[2]
    entries[2] = (number, replace(entry, **changed), stored)

    assert first_break(entries) == 3


def test_a_removed_entry_is_found() -> None:
    entries = chain(5)
    del entries[1]

    assert first_break(entries) == 3
