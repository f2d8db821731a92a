"""A fleet that beats for a while, and a fleet that comes back after an outage."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.heartbeats.figures import percentile
from bench.heartbeats.loop import Loop
from bench.heartbeats.messages import arrivals
from bench.heartbeats.posters import ClosedLoop, OpenLoop
from bench.heartbeats.viewers import Crowd, settle
from bench.scale import fleet
from bench.scale.fleet import Records, Sending
from bench.scale.stack import Part, Stack

VIEWERS = 50
SLICE = 15.0  # seconds for which beats are made beforehand: the clock in them must not grow old


@dataclass
class Sent:
    """What came of beats. Times in milliseconds from when each was due."""

    posts: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    errors: int = 0
    lost_events: int = 0


@dataclass(frozen=True)
class Steady:
    """A fleet of a size, with viewers. Shares are of one core."""

    nodes: int
    seconds: float
    sent: Sent
    shares: dict[str, float]
    memory: dict[str, int]
    generator: float
    false_offline: int

    @property
    def whole(self) -> float:
        """The control plane's share, all parts together."""
        return sum(self.shares.values())


@dataclass(frozen=True)
class Herd:
    """A fleet's return."""

    nodes: int
    outage: float
    sent: Sent
    fresh_after: float  # seconds from the end of the outage until every node was heard
    peak: float  # beats per second, in the busiest second, against the steady rate
    false_offline: int


def steady(stack: Stack, records: Records, loop: Loop, nodes: int, seconds: float, viewers: int = VIEWERS) -> Steady:
    """Let the fleet beat, once each interval, while people watch."""
    warm = fleet.steady(nodes, min(5.0, seconds), seed=nodes + 1)
    _send(loop, stack.port, warm, None)
    crowd = Crowd(loop, stack.port, "patch", _poke(loop, stack.port))
    crowd.grow(viewers)
    before, silent, began = stack.used(), records.silences(), (time.monotonic(), time.process_time())
    sent = _send(loop, stack.port, fleet.steady(nodes, seconds, seed=nodes), crowd)
    after, passed = stack.used(), time.monotonic() - began[0]
    crowd.leave()
    return Steady(
        nodes,
        passed,
        sent,
        {name: (after[name].cpu - before[name].cpu) / passed for name in after},
        {name: part.memory for name, part in _told(after).items()},
        (time.process_time() - began[1]) / passed,
        records.silences() - silent,
    )


def herd(stack: Stack, records: Records, loop: Loop, nodes: int, outage: float, seconds: float) -> Herd:
    """Take the web away for `outage` seconds, then let all nodes come back as daemons do."""
    silent = records.silences()
    stack.stop_web()
    settle(loop, outage)
    stack.start_web()
    sending = fleet.returning(nodes, outage, seconds, seed=nodes)
    back = time.monotonic()
    fresh: list[float] = []

    def look() -> None:
        passed = time.monotonic() - back
        if not fresh and records.heard_within(passed) >= nodes:
            fresh.append(passed)

    sent = _send(loop, stack.port, sending, None, look)
    look()
    per_second = [0] * (int(seconds) + 1)
    for moment, _ in sending:
        per_second[int(moment)] += 1
    peak = max(per_second) / (nodes / fleet.INTERVAL)
    return Herd(nodes, outage, sent, fresh[0] if fresh else float("inf"), peak, records.silences() - silent)


def _send(
    loop: Loop, port: int, sending: Sending, crowd: Crowd | None, between: Callable[[], None] = lambda: None
) -> Sent:
    """Send in slices, each made right before it is due."""
    found, began = Sent(), time.monotonic()
    for first in range(int(sending[-1][0] // SLICE) + 1 if sending else 0):
        start = first * SLICE
        piece = [(moment, number) for moment, number in sending if start <= moment < start + SLICE]
        if not piece:
            continue
        requests = fleet.requests(piece)
        late = max(time.monotonic() - began - start, 0.0)  # making the beats took a moment: they are due from now on
        posters = OpenLoop(loop, port, requests, [moment - start for moment, _ in piece], keep=True)
        settle(loop, max(began + start - time.monotonic(), 0.0))
        noted = crowd.note() if crowd else []
        posters.run()
        began += late
        settle(loop, 0.3)
        found.posts += [1000 * seconds for seconds in posters.late_seconds.values()]
        found.errors += len(piece) - len(posters.late_seconds)
        for chunks in noted:
            came = arrivals(chunks)
            found.lost_events += len(piece) - len(came)
            found.events += [1000 * (at - posters.started - posters.schedule[mark]) for mark, at in came.items()]
        between()
    return found


def _poke(loop: Loop, port: int) -> Callable[[], None]:
    poke = ClosedLoop(loop, port, fleet.requests([(0.0, 1)]), keep=True, clients=1)
    return lambda: poke.run(0.05)


def _told(parts: dict[str, Part]) -> dict[str, Part]:
    return {name: part for name, part in parts.items() if name != "Postgres"}


def p99(values: list[float]) -> float:
    """Milliseconds."""
    return percentile(values, 0.99)
