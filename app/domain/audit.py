"""The audit log as a chain: each entry's hash covers the entry and the hash before it, so that a change shows."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

BEGINNING = bytes(32)  # the hash before the first entry


class Result(StrEnum):
    """What came of an attempt."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Entry:
    """One line of the audit log. `detail` never holds a secret."""

    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    address: str
    action: str
    target: str
    result: str
    request_id: str
    detail: dict[str, Any] = field(default_factory=dict)


def chained(entry: Entry, previous: bytes) -> bytes:
    """The hash of an entry that follows the one with hash `previous` (32 bytes)."""
    body = {**asdict(entry), "at": entry.at.astimezone(UTC).isoformat()}
    return hashlib.sha256(previous + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).digest()


def first_break(entries: Iterable[tuple[int, Entry, bytes]]) -> int | None:
    """The id of the first entry (id, entry, stored hash), oldest first, that does not follow the one before it."""
    previous = BEGINNING
    for entry_id, entry, stored in entries:
        if chained(entry, previous) != stored:
            return entry_id
        previous = stored
    return None
