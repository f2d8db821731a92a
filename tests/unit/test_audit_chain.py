"""A change of any entry of the audit log shows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.identity.audit import BEGINNING, Entry, chained, walk

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
    assert walk(chain(5)).whole


@pytest.mark.parametrize("changed", [{"actor_name": "Bob"}, {"detail": {}}, {"result": "refused"}, {"target": "x"}])
def test_a_changed_entry_is_found(changed: dict[str, object]) -> None:
    entries = chain(5)
    number, entry, stored = entries[2]
    entries[2] = (number, replace(entry, **changed), stored)

    assert walk(entries).broken == 3


def test_a_removed_entry_is_found() -> None:
    entries = chain(5)
    del entries[1]

    assert walk(entries).broken == 3


def test_a_cut_off_end_is_found_with_a_hash_that_was_noted_before() -> None:
    entries = chain(5)
    noted = walk(entries).head

    assert walk(entries[:4]).whole
    assert not walk(entries[:4], noted).whole
    assert walk(chain(6), noted).whole
