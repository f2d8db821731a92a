"""Times on the wire."""

import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields

from app.domain.nodes.node import iso

EPOCH = re.compile(r"\d{1,11}", re.ASCII)


class Time(fields.String):
    """A time in an answer: ISO 8601 in UTC."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        del attr, obj, kwargs
        return None if value is None else iso(value)


class InstantField(fields.AwareDateTime):
    """ISO 8601 with a zone, or whole epoch seconds."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's way
        "invalid": "must be a time such as 2026-11-23T15:04:30Z, or epoch seconds",
        "invalid_awareness": "must have a zone, such as the Z of 2026-11-23T15:04:30Z",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str) and EPOCH.fullmatch(value):
            return datetime.fromtimestamp(int(value), UTC)
        found: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return found.astimezone(UTC)  # Postgres knows no zone beyond 16 hours
        except OverflowError as fault:
            raise self.make_error("invalid", input=value) from fault
