"""The results as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from bench.heartbeats.observed import Results, middle
from bench.heartbeats.plan import Plan
from bench.heartbeats.targets import judge

HOW = """\
Written by `make bench`. One web process (gunicorn as in `docker/gunicorn.conf.py`) has a core of its own; the load
generator, Postgres (`fsync` and `synchronous_commit` on) and Redis share the other one. Variants are interleaved, each
figure is the median of {rounds} (a ratio: of the rounds' own ratios). Compare ratios, not absolute figures: they come
from one run on one machine.

A beat is what our daemon sends for a node with two agents ({size} bytes). The bare route decodes the same body and
answers a constant; the naive route does one UPDATE, one commit and one publish per beat. Both run on the same gunicorn
settings, and so does what is called gunicorn alone: a constant is answered before Flask sees the request. Celery does
not run meanwhile.

Ten times the naive route is out of reach where a commit is as cheap as on this disk (see the machine): the naive route
then spends its time in Python, and a tenth of that is about what gunicorn takes to read a request and to answer it.
"""
OPEN = """\
Beats are sent by a schedule (one in each slot of 1/rate, at a random moment of it); times count from when a beat was
due, so waiting counts. An event's time ends when a viewer has read it, at five viewers of the crowd. 10,000 nodes.
A request at this rate costs more CPU than one of many: the core has slept and its caches are cold, see the bare route.
"""
VIEWERS = """\
Who come all at once, as after a restart, are answered all at once: what that takes for a moment stays with the process
and is counted as theirs here, but the next to come use it.
"""


def page(results: Results, plan: Plan, machine: Sequence[tuple[str, str]], size: int) -> str:
    """Everything that was measured, as Markdown."""
    rounds = "one round" if plan.rounds == 1 else f"{plan.rounds} rounds"
    parts = ["# The hot path: heartbeats", HOW.format(rounds=rounds, size=size)]
    parts += ["## Targets", _table(("Target", "Limit", "Found", ""), _targets(results))]
    parts += ["## As many as it takes (64 clients, each waits for its answer)", _saturated(results)]
    parts += ["## At a steady rate", OPEN, _steady(results)]
    parts += ["## Viewers", VIEWERS, _viewers(results)]
    parts += ["## The machine", _table(("", ""), [*machine, _strangers(results)])]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _targets(results: Results) -> Iterator[tuple[str, ...]]:
    for target in judge(results):
        yield target.what, target.limit, target.found, "met" if target.met else "**not met**"


def _saturated(results: Results) -> str:
    head = (
        "Variant",
        "requests/s",
        "CPU µs",
        "x CPU of bare",
        "x rate of naive",
        "core of web",
        "other core",
        "errors",
    )
    rows = []
    for name, rounds in results.saturated.items():
        bare, naive = _compared(name)
        figures = [middle(rounds, key) for key in ("per_second", "cpu_us", "web_share", "generator_core", "errors")]
        rows.append(
            (
                name,
                f"{figures[0]:,.0f}",
                f"{figures[1]:,.0f}",
                f"{results.cpu_ratio(name, bare):.2f}",
                f"{results.rate_ratio(name, naive):.1f}",
                f"{figures[2]:.0%}",
                f"{figures[3]:.0%}",
                f"{figures[4]:.0f}",
            )
        )
    return _table(head, rows)


def _compared(name: str) -> tuple[str, str]:
    """The bare and the naive variant that a variant is compared with: same fleet, same connections, same body."""
    if "new connections" in name:
        return "bare Flask, new connections", "naive, new connections"
    nodes = "10,000 nodes" if "10,000" in name else "1,000 nodes"
    return "bare Flask, small body" if "small body" in name else f"bare Flask, {nodes}", f"naive, {nodes}"


def _steady(results: Results) -> str:
    head = (
        "Load",
        "done/s",
        "core of web",
        "POST p50 / p99 ms",
        "event p50 / p99 ms",
        "last quarter x first",
        "events lost",
        "errors",
    )
    rows = []
    for name, rounds in results.steady.items():
        seen = {key: middle(rounds, key) for key in vars(rounds[0])}
        events = f"{seen['event_p50']:.0f} / {seen['event_p99']:.0f}" if seen["event_p99"] else "–"
        rows.append(
            (
                name,
                f"{seen['per_second']:,.0f}",
                f"{seen['web_share']:.0%}",
                f"{seen['post_p50']:.0f} / {seen['post_p99']:.0f}",
                events,
                f"{seen['grew']:.1f}",
                f"{seen['lost_events']:.0f}",
                f"{seen['errors']:.0f}",
            )
        )
    return _table(head, rows)


def _viewers(results: Results) -> str:
    rows = [
        (
            f"Memory per idle viewer, {idle.viewers} who come {how}",
            f"{idle.uss_kb:.1f} kB of its own (USS), {idle.rss_kb:.1f} kB resident (RSS)",
        )
        for how, idle in (("a few at a time", results.idle), ("all at once", results.idle_at_once))
    ]
    for nodes, rounds in results.snapshots.items():
        seconds, cpu = middle(rounds, "seconds"), middle(rounds, "cpu_seconds")
        rows.append(
            (f"Snapshot of {nodes:,} nodes for one viewer", f"{cpu:.2f} s of CPU, there within {seconds:.1f} s")
        )
    return _table(("What", "Found"), rows)


def _strangers(results: Results) -> tuple[str, str]:
    shares = [one.strangers for rounds in results.saturated.values() for one in rounds]
    return "Other programs on the web's core", f"{median(shares):.0%} of it (median), {max(shares):.0%} at most"


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
