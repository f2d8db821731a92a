"""The results as a chapter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from bench.deploy.ground import CONCURRENCY
from bench.deploy.measure import Found

TITLE = "# Deploys: from a machine to a node"
HOW = """\
Written by `make bench-deploy`. Hosts are namespaces of this machine with a root file system, an address and an sshd of
their own, without Node.js; they share its cores with the control plane, so compare ratios. Ours and raw ssh take turns;
a ratio is the median of the rounds' own ratios. Raw ssh is OpenSSH's client with one connection per host, the same key
exchange (curve25519) and the same scripts, sent and run in one command.

Small steps: the host has everything; it is looked at, files are sent, every step of the runner looks and finds nothing
to change. Ours counts from when a Celery worker took the first job on to when the last host had done all steps, with
every step and line written to Postgres. A real install brings Node.js, PM2, an agent package and the daemon, and ends
when both agents were seen running. Ansible has pipelining, {forks} forks and no gathering of facts.
"""


def chapter(found: Found, machine: Sequence[tuple[str, str]]) -> str:
    """Everything that was measured, as Markdown."""
    parts = [TITLE, HOW.format(forks=32), "## Targets", _table(("Target", "Limit", "Found", ""), _targets(found))]
    parts += ["## Small steps", _table(("Hosts", "ours s", "raw ssh s", "ours x raw", "Ansible s"), _small(found))]
    parts += ["## All the way", _table(("What", "Found"), _whole(found))]
    parts += ["## The machine", _table(("", ""), machine)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _targets(found: Found) -> Iterator[tuple[str, ...]]:
    for size, pairs in found.small.items():
        ratio = _ratio(pairs)
        yield _row(f"Small steps against raw ssh, {_hosts(size)}", "≤ 1.1x", f"{ratio:.2f}x", ratio <= 1.1)
    ratio, longest = _ratio(found.installs), max(ours for ours, _ in found.installs)
    yield _row("Real install against raw ssh", "≤ 1.2x", f"{ratio:.2f}x", ratio <= 1.2)
    for size, seconds in found.playbook.items():
        times = seconds / median(ours for ours, _ in found.small[size])
        yield _row(f"Faster than Ansible, {_hosts(size)}", "≥ 10x", f"{times:.0f}x", times >= 10)
    yield _row("Fresh machine to online with two agents", "≤ 15 s", f"{longest:.1f} s at most", longest <= 15)
    again = median(found.reruns)
    yield _row("The same deploy again", "≤ 2 s", f"{again:.2f} s", again <= 2)
    peak = found.peak_memory / 1e6
    yield _row(f"Memory of a Celery worker with {CONCURRENCY} deploys", "≤ 80 MB", f"{peak:.0f} MB", peak <= 80)
    slowest, left = max(seconds for seconds, _ in found.cancels), sum(left for _, left in found.cancels)
    yield _row("Cancel", "≤ 3 s, nothing left", f"{slowest:.1f} s, {left} left", slowest <= 3 and not left)


def _small(found: Found) -> Iterator[tuple[str, ...]]:
    for size, pairs in found.small.items():
        ours, limit = median(ours for ours, _ in pairs), median(limit for _, limit in pairs)
        playbook = f"{found.playbook[size]:.2f}" if size in found.playbook else "–"
        yield str(size), f"{ours:.2f}", f"{limit:.2f}", f"{_ratio(pairs):.2f}", playbook


def _whole(found: Found) -> Iterator[tuple[str, str]]:
    ours, limit = median(ours for ours, _ in found.installs), median(limit for _, limit in found.installs)
    yield f"Real install with a runtime of {found.runtime_mb:.0f} MB", f"ours {ours:.2f} s, raw ssh {limit:.2f} s"
    yield "The same deploy again, with the wait for a heartbeat", f"{median(found.reruns):.2f} s"
    memory = f"{found.idle_memory / 1e6:.0f} MB before, {found.peak_memory / 1e6:.0f} MB at most (PSS)"
    yield f"Celery worker, {CONCURRENCY} deploys to fresh hosts at once", f"{memory}, {found.parallel_seconds:.0f} s"
    for sentence in found.missing:
        yield "Not measured", " ".join(sentence.split())


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    return median(ours / limit for ours, limit in pairs)


def _hosts(size: int) -> str:
    return "1 host" if size == 1 else f"{size} hosts"


def _row(what: str, limit: str, found: str, met: bool) -> tuple[str, ...]:
    return what, limit, found, "met" if met else "**not met**"


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
