"""The wall clock as the protocol writes it, and a clock that counts on while the machine is suspended."""

from __future__ import annotations

import datetime
import subprocess
import time
from functools import lru_cache
from pathlib import Path


def iso_now() -> str:
    """Now, as 2026-11-23T15:04:30.000Z."""
    return iso(datetime.datetime.now(datetime.timezone.utc).timestamp())  # noqa: UP017 - Python 3.8 has no datetime.UTC


def iso(epoch: float) -> str:
    """A time in epoch seconds in the same form."""
    moment = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)  # noqa: UP017 - as above
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def since_boot() -> float:
    """Seconds since the machine was started, also those that it was suspended for."""
    # macOS counts suspended time in the monotonic clock of clock_gettime, though not in time.monotonic().
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@lru_cache(None)
def boot_id() -> str:
    """This start of the machine; "" where it cannot be told."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _boot_session()


def _boot_session() -> str:
    command = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]  # macOS
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
