"""The results as a chapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.dashboard.watching import Cost

HOW = """\
Written by `make bench-dashboard`. One web process has a core of its own; Postgres, Redis, the senders of heartbeats and
Chromium (headless, {width}x{height}, software rendering) share the other one. {nodes:,} nodes send {rate:.0f}
heartbeats per second. Figures of the main thread are CPU time, told by the browser itself over {seconds:.0f} s; usable
is the median of five cold starts, from the beginning of the navigation until the rows and the totals are drawn.
"""


@dataclass(frozen=True)
class Found:
    """What was measured."""

    nodes: int
    rate: float
    seconds: float
    usable_ms: float
    costs: dict[str, Cost]


def chapter(found: Found, machine: Sequence[tuple[str, str]]) -> str:
    """Everything that was measured, as Markdown."""
    how = HOW.format(width=1440, height=900, nodes=found.nodes, rate=found.rate, seconds=found.seconds)
    parts = ["# The dashboard: 10,000 live nodes", how, "## Targets", _targets(found), "## By view", _views(found)]
    rows = "\n".join(f"| {name} | {value} |" for name, value in machine)
    parts += ["## The machine", f"|  |  |\n| --- | --- |\n{rows}"]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _targets(found: Found) -> str:
    script = max(cost.script_ms for cost in found.costs.values())
    heap = max(cost.heap_mb for cost in found.costs.values())
    longest = max(cost.longest_task_ms for cost in found.costs.values())
    rows = [
        ("Script, any view", "≤ 25 ms/s", f"{script:.1f} ms/s", script <= 25),
        ("Longest task, any view", "≤ 100 ms", f"{longest:.0f} ms", longest <= 100),
        ("Heap after collection, any view", "≤ 40 MB", f"{heap:.1f} MB", heap <= 40),
        ("First usable paint, cold", "≤ 2 s", f"{found.usable_ms / 1000:.2f} s", found.usable_ms <= 2000),
    ]
    lines = [f"| {what} | {limit} | {value} | {'met' if met else '**not met**'} |" for what, limit, value, met in rows]
    return "\n".join(["| Target | Limit | Found |  |", "| --- | --- | --- | --- |", *lines])


def _views(found: Found) -> str:
    lines = [
        f"| {name} | {cost.script_ms:.1f} | {cost.task_ms:.1f} | {cost.longest_task_ms:.0f} | {cost.elements:,} |"
        f" {cost.heap_mb:.1f} |"
        for name, cost in found.costs.items()
    ]
    head = "| View | script ms/s | main thread ms/s | longest task ms | elements | heap MB |"
    return "\n".join([head, "| --- | --- | --- | --- | --- | --- |", *lines])
