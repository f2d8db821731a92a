"""A cordon: a node takes no new agents, with the reason and perhaps an end."""

from datetime import datetime, timedelta
from typing import Any

from app.domain.errors import InvalidInput
from app.domain.nodes.node import iso

LONGEST = timedelta(days=365)


def cordon(note: str, until: datetime | None, by: str, now: datetime, before: dict[str, Any] | None) -> dict[str, Any]:
    """A cordon as it is stored and shown. One that is there already keeps its beginning. Raises InvalidInput."""
    if until is not None and not now < until <= now + LONGEST:
        raise InvalidInput(
            "Not accepted: until must be a time within the next year", {"until": "must be in the future"}
        )
    since = before["since"] if before else iso(now)
    return {"note": note, "until": iso(until) if until else None, "by": by, "since": since}
