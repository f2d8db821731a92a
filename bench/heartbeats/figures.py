"""The arithmetic of the benchmark: percentiles, schedules, medians of rounds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all values do not exceed; 0 of nothing is 0."""
    if not values:
        return 0.0
    ordered = sorted(values)
    rank = -int(-share * len(ordered) // 1)  # rounded up
    return ordered[max(rank, 1) - 1]


def schedule(rate: float, seconds: float, seed: int = 1) -> list[float]:
    """When to send, in seconds from the start: one beat in each slot of 1/rate, at a random moment of it.

    The same seed gives the same schedule, so that variants are compared under the same load.
    """
    chance = random.Random(seed)
    return [(slot + chance.random()) / rate for slot in range(round(rate * seconds))]


def growth(values: Sequence[float]) -> float:
    """How many times longer the last quarter took than the first, by median: far above 1 means a queue grows."""
    quarter = len(values) // 4
    if quarter == 0:
        return 1.0
    return median(values[-quarter:]) / max(median(values[:quarter]), 1e-9)


def ratio(part: float, whole: float) -> float:
    """`part` / `whole`, and 0 when nothing was measured."""
    return part / whole if whole else 0.0
