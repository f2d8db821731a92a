"""Issues that make a node degraded: when they open and when they clear."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from app.domain.nodes.heartbeat import Heartbeat

BEATS_TO_CLEAR = 2
# Several agents beat for one node, and a daemon beats early when asked: beats closer than this count once.
COUNTING_DISTANCE = timedelta(seconds=10)


@dataclass(frozen=True)
class Limits:
    """Beyond what something is an issue. Shares are from 0 to 1; `pressure_beats` count for CPU and memory."""

    min_version: tuple[int, ...] = ()
    cpu: float = 0.90
    memory: float = 0.90
    disk: float = 0.90
    pressure_beats: int = 3
    clock: timedelta = timedelta(seconds=30)
    not_advancing: timedelta = timedelta(minutes=30)  # since the last progress of an agent that tells of any


@dataclass(frozen=True)
class Signal:
    """What one heartbeat says about one possible issue."""

    message: str | None  # a sentence, or None when this heartbeat is clean
    beats_to_open: int = 1


CLEAN = Signal(None)


@dataclass(frozen=True)
class Strain:
    """The memory between heartbeats of one issue that is open or may open."""

    message: str
    bad_beats: int
    clean_beats: int
    counted_at: datetime
    since: datetime | None  # None until the issue opens


def signals(beat: Heartbeat, now: datetime, limits: Limits) -> dict[str, Signal]:
    """Read a heartbeat as signals by issue code. What it does not report gives no signal."""
    found: dict[str, Signal] = {}
    for code, value, limit, beats, name in (
        ("cpu_pressure", beat.cpu_usage, limits.cpu, limits.pressure_beats, "CPU"),
        ("memory_pressure", beat.memory_usage, limits.memory, limits.pressure_beats, "Memory"),
        ("disk_nearly_full", beat.disk_usage, limits.disk, 1, "Disk"),
    ):
        if value is not None:
            found[code] = Signal(f"{name} above {limit * 100:.0f} %", beats) if value > limit else CLEAN
    if beat.clock is not None:
        off = abs(beat.clock - now)
        found["clock_skew"] = Signal(f"Clock is off by {round(off.total_seconds())} s") if off > limits.clock else CLEAN
    if beat.version is not None:
        old = version_tuple(beat.version) < _trimmed(limits.min_version)
        wanted = ".".join(map(str, limits.min_version)) if old else ""
        found["daemon_too_old"] = Signal(f"Daemon {beat.version} is older than {wanted}") if old else CLEAN
    for issue in beat.issues:
        found[issue.key] = Signal(issue.message)
    for agent_id, report in beat.agents.items():
        if "progress" in report and _stands_still(report, beat.clock or now, limits.not_advancing):
            minutes = round(limits.not_advancing.total_seconds() / 60)
            message = f"Agent {agent_id} runs, and has told of no progress for {minutes} min"
            found[f"agent_not_advancing:{agent_id}"] = Signal(message)
    return found


def assess(
    strains: Mapping[str, Strain], heard: Mapping[str, Signal], now: datetime, scope_is_node: bool
) -> dict[str, Strain]:
    """The strains after one more heartbeat. Unchanged strains come back equal, so a caller can skip the write."""
    after: dict[str, Strain] = {}
    for code in sorted({*strains, *heard}):
        prior, signal = strains.get(code), heard.get(code)
        if signal is None and ":" in code and scope_is_node:
            signal = CLEAN  # the daemon lists its own issues in each beat: not listed is clean
        strain = prior if signal is None else _step(prior, signal, now)
        if strain is not None:
            after[code] = strain
    return after


def open_issues(strains: Mapping[str, Strain]) -> tuple["Issue", ...]:
    """The issues that count now, by code."""
    if not strains:
        return ()  # nearly all nodes, in every list
    return tuple(
        Issue(code.partition(":")[0], strain.message, strain.since)
        for code, strain in sorted(strains.items())
        if strain.since is not None
    )


@dataclass(frozen=True)
class Issue:
    """One named reason why a node is degraded."""

    code: str
    message: str
    since: datetime


@lru_cache(maxsize=256)
def version_tuple(version: str) -> tuple[int, ...]:
    """'0.5.0-beta' → (0, 5): what is not a number ends it, and zeros at the end say nothing."""
    numbers: list[int] = []
    for part in version.split("-", maxsplit=1)[0].split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return _trimmed(tuple(numbers))


@lru_cache(maxsize=256)
def _trimmed(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return _trimmed(numbers[:-1]) if numbers and numbers[-1] == 0 else numbers


def _stands_still(report: Mapping[str, Any], node_now: datetime, limit: timedelta) -> bool:
    """Whether an agent at work stopped telling of progress; one that waits for a human has nothing to tell."""
    if report.get("state", "running") != "running" or "waiting" in report:
        return False
    return node_now - datetime.fromisoformat(report["progress"]["at"]) > limit


def _step(prior: Strain | None, signal: Signal, now: datetime) -> Strain | None:
    if signal.message is None:
        return _clean(prior, now)
    if prior is None:
        since = now if signal.beats_to_open <= 1 else None
        return Strain(signal.message, 1, 0, now, since)
    if prior.since is not None:
        return prior if prior.clean_beats == 0 else Strain(prior.message, prior.bad_beats, 0, now, prior.since)
    if now - prior.counted_at < COUNTING_DISTANCE:
        return prior
    bad = prior.bad_beats + 1
    return Strain(signal.message, bad, 0, now, now if bad >= signal.beats_to_open else None)


def _clean(prior: Strain | None, now: datetime) -> Strain | None:
    if prior is None or prior.since is None:
        return None
    if now - prior.counted_at < COUNTING_DISTANCE:
        return prior
    clean = prior.clean_beats + 1
    if clean >= BEATS_TO_CLEAR:
        return None
    return Strain(prior.message, prior.bad_beats, clean, now, prior.since)
