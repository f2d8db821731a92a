"""The results as a chapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.placement.fleet import NODES, PER_NODE, ROLES

LIMIT_MS = 5.0
HOW = """\
Written by `make bench-placement`. {nodes:,} nodes in six zones, {agents:,} agents of {roles} roles, all in the reports
of their nodes. Each figure is the median of {turns} turns in which all cases follow each other; now and then every node
beats once. *In the database* is the time within the driver, all statements of a decision together; *in all* adds
reading the rows and applying the rules to the best of them. The first line only reads the table of nodes once.
"""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one decision."""

    what: str
    database_ms: float
    whole_ms: float


def chapter(costs: Sequence[Cost], turns: int, machine: Sequence[tuple[str, str]]) -> str:
    """Everything that was measured, as Markdown."""
    how = HOW.format(nodes=NODES, agents=NODES * PER_NODE, roles=ROLES, turns=turns)
    rows = "\n".join(f"| {name} | {value} |" for name, value in machine)
    return "\n\n".join(
        [
            "# Placement: one decision among 10,000 nodes",
            how.strip(),
            "## Targets",
            _targets(costs),
            "## By case",
            _cases(costs),
            "## The machine",
            f"|  |  |\n| --- | --- |\n{rows}",
        ]
    )


def _targets(costs: Sequence[Cost]) -> str:
    lines = ["| Target | Limit | Found |  |", "| --- | --- | --- | --- |"]
    for cost in costs[1:-1]:  # neither the mere reading nor the refusal is a decision
        met = "met" if cost.database_ms <= LIMIT_MS else "**not met**"
        lines.append(f"| In the database, {cost.what} | ≤ {LIMIT_MS:.0f} ms | {cost.database_ms:.1f} ms | {met} |")
    return "\n".join(lines)


def _cases(costs: Sequence[Cost]) -> str:
    floor = costs[0].database_ms
    lines = ["| Case | in the database ms | x reading | in all ms |", "| --- | --- | --- | --- |"]
    for cost in costs:
        ratio = cost.database_ms / floor
        lines.append(f"| {cost.what} | {cost.database_ms:.1f} | {ratio:.1f} | {cost.whole_ms:.1f} |")
    return "\n".join(lines)
