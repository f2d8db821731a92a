"""The results as a chapter, with the cost of growth as a plot."""

from __future__ import annotations

from collections.abc import Sequence

from bench.heartbeats.figures import percentile
from bench.scale.measure import VIEWERS, Herd, Steady
from bench.scale.paths import Path

TITLE = "# Scale: the whole control plane on one machine"
HOW = """\
Written by `make bench-scale`. Web (one process), Celery, beat, Postgres (`fsync` on) and Redis as the Procfile and
`make run` start them share the machine with the generator; nothing is pinned. Each node of the fleet beats every 30 s
with what our daemon sends for two agents, {viewers} viewers watch all of it. Shares are of one core. *Late* is from
when a beat was due until it was answered (durably stored), *event* until a viewer had it.
"""
PARTS = ("web", "worker", "beat", "Postgres", "Redis")


def chapter(
    grown: Sequence[Steady], herds: Sequence[Herd], paths: Sequence[Path], machine: Sequence[tuple[str, str]]
) -> str:
    """Everything that was measured, as Markdown."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in machine)
    return "\n\n".join(
        [
            TITLE,
            HOW.format(viewers=VIEWERS).strip(),
            "## Targets",
            _targets(grown, herds),
            "## As the fleet grows",
            _growth(grown),
            _plot(grown),
            "## After an outage",
            _herds(herds),
            "## Single requests and the stale check, 10,000 nodes",
            _paths(paths),
            "## The machine",
            f"|  |  |\n| --- | --- |\n{rows}",
        ]
    )


def _targets(grown: Sequence[Steady], herds: Sequence[Herd]) -> str:
    judged: list[tuple[str, str, str, bool]] = []
    for one in grown:
        if one.nodes <= 10_000:
            late = percentile(one.sent.posts, 0.99)
            judged.append((f"{one.nodes:,} nodes: p99 of heartbeats", "≤ 250 ms", f"{late:.0f} ms", late <= 250))
            judged.append((f"{one.nodes:,} nodes: false offline", "0", str(one.false_offline), not one.false_offline))
            judged.append((f"{one.nodes:,} nodes: failed heartbeats", "0", str(one.sent.errors), not one.sent.errors))
    for herd in herds:
        what, late = f"{herd.nodes:,} nodes after {herd.outage:.0f} s without web", percentile(herd.sent.posts, 0.99)
        judged.append((f"{what}: all heard", "≤ 90 s", f"{herd.fresh_after:.0f} s", herd.fresh_after <= 90))
        judged.append((f"{what}: p99 of heartbeats", "≤ 2 s", f"{late / 1000:.2f} s", late <= 2000))
        judged.append((f"{what}: peak against the steady rate", "≤ 1.5x", f"{herd.peak:.2f}x", herd.peak <= 1.5))
        judged.append((f"{what}: false offline", "0", str(herd.false_offline), not herd.false_offline))
        judged.append((f"{what}: failed heartbeats", "0", str(herd.sent.errors), not herd.sent.errors))
    lines = ["| Target | Limit | Found |  |", "| --- | --- | --- | --- |"]
    lines += [f"| {a} | {b} | {c} | {'met' if met else '**not met**'} |" for a, b, c, met in judged]
    return "\n".join(lines)


def _growth(grown: Sequence[Steady]) -> str:
    heads = ["nodes", "beats/s", "for", "late p50", "late p99", "event p99", *PARTS, "all", "generator", "web memory"]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for one in grown:
        times = [percentile(one.sent.posts, 0.5), percentile(one.sent.posts, 0.99), percentile(one.sent.events, 0.99)]
        cells = [f"{one.nodes:,}", f"{len(one.sent.posts) / one.seconds:.0f}", f"{one.seconds:.0f} s"]
        cells += [f"{value:.0f} ms" for value in times]
        cells += [f"{one.shares[part]:.1%}" for part in PARTS]
        cells += [f"{one.whole:.0%}", f"{one.generator:.0%}", f"{one.memory['web'] / 1e6:.0f} MB"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _plot(grown: Sequence[Steady]) -> str:
    sizes = ", ".join(f'"{one.nodes:,}"' for one in grown)
    values = ", ".join(f"{100 * one.whole:.0f}" for one in grown)
    highest = max([100.0, *(100 * one.whole for one in grown)])
    return (
        f'```mermaid\nxychart-beta\n  title "Share of one core, all parts together (%)"\n  x-axis "nodes" [{sizes}]\n'
        f'  y-axis "% of a core" 0 --> {highest:.0f}\n  bar [{values}]\n```'
    )


def _herds(herds: Sequence[Herd]) -> str:
    heads = "| nodes | without web | all heard after | late p50 | late p99 | peak | failed | false offline |"
    lines = [heads, "| --- " * 8 + "|"]
    for one in herds:
        middle, late = percentile(one.sent.posts, 0.5), percentile(one.sent.posts, 0.99)
        lines.append(
            f"| {one.nodes:,} | {one.outage:.0f} s | {one.fresh_after:.0f} s | {middle:.0f} ms | {late:.0f} ms "
            f"| {one.peak:.2f}x | {one.sent.errors} | {one.false_offline} |"
        )
    return "\n".join(lines)


def _paths(paths: Sequence[Path]) -> str:
    lines = ["| What | ms | kB |", "| --- | --- | --- |"]
    lines += [f"| {one.what} | {one.ms:.1f} | {f'{one.size / 1000:,.0f}' if one.size else ''} |" for one in paths]
    return "\n".join(lines)
