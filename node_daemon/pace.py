"""When to speak next: pure functions of what happened and of chance, a number from 0 to 1."""

from __future__ import annotations

DEFAULT_INTERVAL = 30.0
SHORTEST_INTERVAL, LONGEST_INTERVAL = 1.0, 300.0
LONGEST_BACK_OFF = 30.0
REFUSED_DELAY = 30.0  # a wrong configuration or a taken id: a person must act
DENIED_DELAY = 60.0  # the credential is not valid any more
QUICK_RETRIES = 4  # 1, 2, 4, 8 s: all inside one interval of 30 s
# Full jitter may draw zero; a floor keeps a fast failure from becoming a busy loop.
SHORTEST_DELAY = 0.2


def beat_delay(interval: float, chance: float) -> float:
    """Seconds until the next heartbeat: 27-30 of 30, so that nodes that were started together drift apart."""
    return interval * (0.9 + 0.1 * chance)


def beat_retry_delay(failures: int, interval: float, chance: float) -> float:
    """Seconds until a heartbeat is tried again after `failures` in a row (1 or more).

    Four quick tries with full jitter; then the normal pace, so that a long outage does not end in a flood.
    """
    if failures > QUICK_RETRIES:
        return beat_delay(min(interval, LONGEST_BACK_OFF), chance)
    return _full_jitter(2.0 ** (failures - 1), chance)


def register_delay(failures: int, chance: float) -> float:
    """Seconds until registration is tried again: 1, 2, 4, 8 ... 30 with full jitter, for ever."""
    return _full_jitter(min(LONGEST_BACK_OFF, 2.0 ** min(failures - 1, 10)), chance)


def knock_delay(knocks: int) -> float:
    """Seconds until a machine that waits to be let in asks again: 2, 4, 8 ... 30."""
    return min(LONGEST_BACK_OFF, 2.0 ** min(knocks, 10))


def asked_interval(asked_ms: object, current: float) -> float:
    """The interval in seconds that the control plane asks for, within 1-300; the current one when it asks for none."""
    if isinstance(asked_ms, bool) or not isinstance(asked_ms, (int, float)) or asked_ms != asked_ms:  # noqa: PLR0124
        return current
    return min(max(asked_ms / 1000.0, SHORTEST_INTERVAL), LONGEST_INTERVAL)


def retry_after(header: str | None) -> float | None:
    """Seconds of a Retry-After header, at most 300; None when there is none or it is a date."""
    if header is None or not header.strip().isdigit():
        return None
    return min(float(header.strip()), LONGEST_INTERVAL)


def _full_jitter(longest: float, chance: float) -> float:
    return max(SHORTEST_DELAY, longest * chance)
