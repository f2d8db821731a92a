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


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found: how many whole entries, the last one's hash, and the first broken id.

    `reached` says whether the chain went through the hash that was noted before.
    """

    entries: int
    head: bytes
    broken: int | None
    reached: bool

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, removed or cut off."""
        return self.broken is None and self.reached


def chained(entry: Entry, previous: bytes) -> bytes:
    """The hash of an entry that follows the one with hash `previous` (32 bytes)."""
    body = {**asdict(entry), "at": entry.at.astimezone(UTC).isoformat()}
    return hashlib.sha256(previous + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).digest()


def walk(entries: Iterable[tuple[int, Entry, bytes]], noted: bytes = BEGINNING) -> Verdict:
    """Follow the chain of (id, entry, stored hash), oldest first; `noted` is a hash that it once ended with."""
    count, head, reached = 0, BEGINNING, noted == BEGINNING
    for entry_id, entry, stored in entries:
        if chained(entry, head) != stored:
            return Verdict(count, head, entry_id, reached)
        count, head, reached = count + 1, stored, reached or stored == noted
    return Verdict(count, head, None, reached)
