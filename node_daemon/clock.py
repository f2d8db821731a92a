"""The wall clock as the protocol writes it."""

from __future__ import annotations

import datetime


def iso_now() -> str:
    """Now, as 2026-11-23T15:04:30.000Z."""
    now = datetime.datetime.now(datetime.timezone.utc)  # noqa: UP017 - Python 3.8 has no datetime.UTC
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
