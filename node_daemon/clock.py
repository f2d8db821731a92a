"""The wall clock as the protocol writes it."""

from __future__ import annotations

import datetime


def iso_now() -> str:
    """Now, as 2026-11-23T15:04:30.000Z."""
    return iso(datetime.datetime.now(datetime.timezone.utc).timestamp())  # noqa: UP017 - Python 3.8 has no datetime.UTC


def iso(epoch: float) -> str:
    """A time in epoch seconds in the same form."""
    moment = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)  # noqa: UP017 - as above
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
