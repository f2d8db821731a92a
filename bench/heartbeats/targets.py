"""What the hot path promises, and whether this run keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.heartbeats.figures import ratio
from bench.heartbeats.observed import Results, middle

KEEPS_UP = 0.98  # of the offered rate: the rest is what was under way at the end
GROWS = 2.0  # a last quarter that takes twice as long as the first has a queue


@dataclass(frozen=True)
class Target:
    """One promise: the figure in words, the limit in words, and whether it is kept."""

    what: str
    limit: str
    found: str
    met: bool


def judge(results: Results) -> Iterator[Target]:
    """Every target beside what was found."""
    cpu = results.cpu_ratio("ours, no viewer, 1,000 nodes", "bare Flask, 1,000 nodes")
    yield Target("CPU per heartbeat against a bare Flask request", "≤ 1.5x", f"{cpu:.2f}x", cpu <= 1.5)
    for nodes in ("1,000", "10,000"):
        rate = results.rate_ratio(f"ours, no viewer, {nodes} nodes", f"naive, {nodes} nodes")
        most = results.rate_ratio(f"gunicorn alone, {nodes} nodes", f"naive, {nodes} nodes")
        found = f"{rate:.1f}x; gunicorn alone, which does nothing, {most:.1f}x"
        yield Target(f"Rate against the naive route, {nodes} nodes", "≥ 10x", found, rate >= 10)
    for nodes in ("1,000", "10,000"):
        kept = results.rate_ratio(f"ours, 50 viewers, {nodes} nodes", f"ours, no viewer, {nodes} nodes")
        yield Target(f"Rate with 50 viewers, {nodes} nodes", "≥ 70 %", f"{kept:.0%}", kept >= 0.7)
    kept = results.rate_ratio("ours, identity on", "ours, identity off")
    yield Target("Rate with identity on, 1,000 nodes", "≥ 90 %", f"{kept:.0%}", kept >= 0.9)
    yield from _at_333(results)
    yield from _at_1000(results)
    kilobytes = results.idle.uss_kb
    yield Target("Memory per idle viewer", "≤ 25 kB", f"{kilobytes:.1f} kB", kilobytes <= 25)


def _at_333(results: Results) -> Iterator[Target]:
    rounds = results.steady["333/s, 50 viewers"]
    share, post, event = (middle(rounds, name) for name in ("web_share", "post_p99", "event_p99"))
    yield Target("333/s with 50 viewers: share of a core", "≤ 35 %", f"{share:.0%}", share <= 0.35)
    yield Target("333/s with 50 viewers: POST p99", "≤ 50 ms", f"{post:.0f} ms", post <= 50)
    yield Target("333/s with 50 viewers: event p99", "≤ 100 ms", f"{event:.0f} ms", event <= 100)


def _at_1000(results: Results) -> Iterator[Target]:
    rounds = results.steady["1,000/s, 10 viewers"]
    done = ratio(middle(rounds, "per_second"), rounds[0].offered)
    grew, missed = middle(rounds, "grew"), middle(rounds, "errors") + middle(rounds, "lost_events")
    found = f"{done:.1%} done in time, last quarter {grew:.1f}x the first, {missed:.0f} lost"
    met = done >= KEEPS_UP and grew < GROWS and missed == 0
    yield Target("1,000/s with 10 viewers: nothing queues up", "all done", found, met)
