"""How long a run takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Durations in seconds. Each round measures everything once, so that slow minutes hit all variants alike."""

    rounds: int
    youth: float  # of a web process, not measured
    warm_up: float
    saturate: float
    steady: float
    idle_viewers: int  # many: a process takes memory from the system by the megabyte


FULL = Plan(rounds=3, youth=2.0, warm_up=0.5, saturate=3.0, steady=9.0, idle_viewers=800)
QUICK = Plan(rounds=1, youth=2.0, warm_up=0.3, saturate=1.5, steady=5.0, idle_viewers=400)
