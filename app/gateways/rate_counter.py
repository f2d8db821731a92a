"""Counts how often somebody asked: in Redis for all processes, and in each by itself while Redis is away."""

import logging
import time
from collections.abc import Callable
from functools import cached_property
from math import ceil
from typing import TypeVar, cast

from flask import Flask, current_app
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from app.gateways.redis_client import RedisError

T = TypeVar("T")
COUNTER = "rate_counter"
AWAY = 5.0  # seconds without asking a Redis that just failed
log = logging.getLogger(__name__)


class RateCounter:
    """Moving windows of a minute."""

    def __init__(self, app: Flask) -> None:
        # The client's own pool, and so its deadlines.
        pool = app.extensions["redis_client"].connection_pool
        storage = storage_from_string(app.extensions["settings"].redis_url, connection_pool=pool)
        self._shared = MovingWindowRateLimiter(storage)
        self._away_until = 0.0

    @cached_property
    def _own(self) -> MovingWindowRateLimiter:
        # Not with the counter: it starts a thread, and web processes are forked off after the app was made.
        return MovingWindowRateLimiter(MemoryStorage())

    def allows(self, per_minute: int, *who: str) -> bool:
        """Count one more, unless there were `per_minute` within the last minute."""
        item = RateLimitItemPerMinute(per_minute)
        return self._ask(lambda limiter: limiter.hit(item, *who))

    def seconds_until_next(self, per_minute: int, *who: str) -> int:
        """How long to wait after a refusal, at least 1."""
        item = RateLimitItemPerMinute(per_minute)
        return max(1, ceil(self._ask(lambda limiter: limiter.get_window_stats(item, *who)).reset_time - time.time()))

    def _ask(self, question: Callable[[MovingWindowRateLimiter], T]) -> T:
        if time.monotonic() >= self._away_until:
            try:
                return question(self._shared)
            except RedisError as failure:
                self._away_until = time.monotonic() + AWAY
                log.warning("requests are counted per process, Redis does not answer: %s", type(failure).__name__)
        return question(self._own)


def init_app(app: Flask) -> None:
    """Make the counter of an app."""
    app.extensions[COUNTER] = RateCounter(app)


def counter() -> RateCounter:
    """The counter of the current app."""
    return cast("RateCounter", current_app.extensions[COUNTER])
