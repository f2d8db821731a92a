"""What one measurement of one variant saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from bench.heartbeats.figures import ratio


@dataclass(frozen=True)
class Saturated:
    """A closed loop: as many requests as the web process takes."""

    per_second: float
    cpu_us: float  # of the web process, per request
    web_share: float  # of its core
    generator_core: float  # how busy the other core was: near 1 means that it may be the limit
    strangers: float  # share of the web's core that other programs took
    errors: int


@dataclass(frozen=True)
class Steady:
    """An open loop. Times in milliseconds from the moment at which the beat was due."""

    offered: float
    per_second: float  # answered while beats were still being sent
    web_share: float
    post_p50: float
    post_p99: float
    event_p50: float
    event_p99: float
    grew: float  # last quarter against first, by median of the POSTs
    lost_events: int  # beats that a timed viewer never saw
    errors: int


@dataclass(frozen=True)
class Idle:
    """Memory that viewers without traffic take in the web process, in kB per viewer."""

    viewers: int
    rss_kb: float
    uss_kb: float


@dataclass(frozen=True)
class Snapshot:
    """What the first viewer costs: the whole fleet."""

    nodes: int
    seconds: float
    cpu_seconds: float


@dataclass
class Results:
    """All rounds; the key of a variant is its name in the table."""

    saturated: dict[str, list[Saturated]] = field(default_factory=dict)
    steady: dict[str, list[Steady]] = field(default_factory=dict)
    snapshots: dict[int, list[Snapshot]] = field(default_factory=dict)
    idle: Idle = Idle(0, 0.0, 0.0)
    idle_at_once: Idle = Idle(0, 0.0, 0.0)

    def cpu_ratio(self, part: str, whole: str) -> float:
        """How many times the CPU of `whole` a request of `part` takes."""
        return self._ratio(part, whole, "cpu_us")

    def rate_ratio(self, part: str, whole: str) -> float:
        """How many times as many requests per second."""
        return self._ratio(part, whole, "per_second")

    def _ratio(self, part: str, whole: str, name: str) -> float:
        """The median of the rounds' ratios: a slow minute hits both sides of a round's own."""
        both = zip(self.saturated[part], self.saturated[whole], strict=True)
        return median(ratio(getattr(one, name), getattr(other, name)) for one, other in both)


def middle(rounds: list[Saturated] | list[Steady] | list[Snapshot], name: str) -> float:
    """The median of one figure over the rounds (the upper one of an even number)."""
    values = sorted(getattr(one, name) for one in rounds)
    return float(values[len(values) // 2])
